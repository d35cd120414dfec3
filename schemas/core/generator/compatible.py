# schemas/core/generator/compatible.py: what a released shape may become without a new version.
# Allowed is what every byte ever written, and everybody who reads it, lives with: a new optional member, wider bounds,
# one more word of an enum. All else needs a new version.


def breaks(was, now, kind):
    """(pointer, what was done) for each change from one released shape to another that its readers can't live with."""
    if was["aggregate"] != now["aggregate"]:
        yield "/x-aggregate", f"was released as {was['aggregate'] or 'none'}"
    yield from _members(was["members"], now["members"], "/properties", kind)


def _members(was, now, pointer, kind):
    after = {member["name"]: member for member in now}
    before = {member["name"] for member in was}
    for member in was:
        at = f"{pointer}/{member['name']}"
        if member["name"] not in after:
            yield at, "was released and is gone"
        else:
            yield from _member(member, after[member["name"]], at, kind)
    for member in (m for m in now if m["name"] not in before):
        yield from _new(member, f"{pointer}/{member['name']}", kind)
    if [m["name"] for m in was if m["name"] in after] != [m["name"] for m in now if m["name"] in before]:
        yield pointer, "are written in another order than was released"


def _new(member, pointer, kind):
    if not member.get("optional"):
        yield pointer, "is required, and what was written before hasn't got it"
    if kind == "command" and "default" in member:
        yield pointer, "is written into every command, so one that is sent again would not be known again"


def _member(was, now, pointer, kind):
    for word, lost, gained in (("optional", "is required, and was optional when it was released", "is optional, and was always there"),
                               ("nullable", "can't be null any more", "can be null, and never was")):
        if was.get(word) and not now.get(word):
            yield pointer, lost
        if now.get(word) and not was.get(word):
            yield pointer, gained
    if was.get("default") != now.get("default"):
        yield pointer, f"has another default than was released ({was.get('default')!r})"
    yield from _type(was["type"], now["type"], pointer, kind)


def _type(was, now, pointer, kind):
    if _name(was) != _name(now):
        yield pointer, f"was released as {_name(was)} and is {_name(now)}"
    elif isinstance(was, str):
        return
    elif "members" in was:
        yield from _members(was["members"], now["members"], pointer + "/properties", kind)
    elif "array of" in was:
        yield from _type(was["array of"], now["array of"], pointer + "/items", kind)
        yield from _bounds(was["size"], now["size"], pointer)
    elif "one of" in was:
        for word in sorted(set(was["one of"]) - set(now["one of"])):
            yield pointer, f"has no '{word}' any more"
    elif "constant" in was:
        if was != now:
            yield pointer, f"was released as the constant '{was['constant']}'"
    else:
        (bounds,), (others,) = was.values(), now.values()
        yield from _bounds(bounds, others, pointer)


def _name(type_):
    """uuid, text, integer, array of, one of, members or constant"""
    return type_ if isinstance(type_, str) else "object" if "members" in type_ else next(iter(type_))


def _bounds(was, now, pointer):
    (least, most), (new_least, new_most) = was, now
    narrower = new_least > least or new_most is not None and (most is None or new_most < most)
    if narrower:
        yield pointer, f"is bound more closely than was released ({_range(least, most)})"


def _range(least, most):
    return f"{least} to {'any' if most is None else most}"
