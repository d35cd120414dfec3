# tests/e2e/test_client_typescript.py: what only the TypeScript client has: its compiler's judgement, and the README's example.
import json
import os
import re
import subprocess

from client_fixtures import LIBRARY, compile_typescript, site
from conftest import ROOT

__all__ = ["site"]
README, LIVE = ROOT / "gateway/clients/README.md", LIBRARY / "README.md"
SECONDS = 600


def example(readme):
    return re.search(r"^```typescript\n(.*?)^```", readme.read_text(), re.M | re.S)[1]


def project(site, tmp_path, **files):
    """A folder of somebody's who uses the client, strictly."""
    settings = json.loads((LIBRARY / "tsconfig.json").read_text())["compilerOptions"] | {"rootDir": ".", "outDir": "out", "allowJs": True}
    for name, text in files.items():
        (tmp_path / f"{name}.ts").write_text(text)
    (tmp_path / "ws.d.ts").write_text('declare module "ws" { const make: import("@kiroku/client").SocketConstructor; export default make; }')
    (tmp_path / "tsconfig.json").write_text(json.dumps({"compilerOptions": settings, "include": ["*.ts"]}))
    (tmp_path / "package.json").write_text('{"type": "module"}')
    (tmp_path / "node_modules").symlink_to(site / "node_modules")
    return tmp_path


def said_by(text, api, mika, site, tmp_path):
    """What an example of at most ten lines prints."""
    assert len(text.splitlines()) <= 10
    told = f"const [url, email, password] = {json.dumps([api.url, mika.email, mika.password])} as [string, string, string];\n"
    folder = project(site, tmp_path, example=told + text + "live.close();\n")
    code, said = compile_typescript(folder)
    assert code == 0, said
    ended = subprocess.run([os.environ.get("KIROKU_NODE", "node"), folder / "out/example.js"], capture_output=True, text=True, timeout=SECONDS,
                           check=False)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout.splitlines()


def test_the_readmes_example(api, new_learner, site, tmp_path):
    mika = new_learner()
    said = said_by(example(README), api, mika, site, tmp_path)
    total = mika.progress()["totalXp"]
    assert f"{total} {total}" in said, said


def test_the_example_of_what_is_live(api, new_learner, site, tmp_path):
    said = said_by(example(LIVE), api, new_learner(), site, tmp_path)
    assert "focus true" in said, said


MISTAKES = {
    "kiroku.startSession(7)": "not assignable to parameter of type 'string'",
    "kiroku.startSession('x', { idempotencyKee: 'y' })": "idempotencyKee",
    "kiroku.completeSession('x', { performanceScore: 80 })": "completionTime",
    "kiroku.listChallenges({ type: 'chess' })": "chess",
    "kiroku.showMyProgress().then(({ body }) => body.totalXP)": "totalXp",
    "kiroku.realtime().subscribe('me', { event: (event) => event.type === 'chess' })": "no overlap",
    "kiroku.realtime().send({ type: 'subscribe' })": "channel",
    "kiroku.realtime({ transport: 'pigeon' })": "pigeon",
    "kiroku.realtime().publish({ type: 'record_progress', sessionId: 'x', progress: { currentPhase: 7 } })": "not assignable to type 'string'",
    "kiroku.realtime().publish({ type: 'record_progress', sessionId: 'x', progress: {} }).then(({ answer }) => answer.phase)": "phase",
    "kiroku.realtime().join('x', { changed: (members) => members[0]?.name })": "name",
}


def test_mistakes_are_noticed_before_they_run(site, tmp_path):
    before = "import { Kiroku } from '@kiroku/client';\nconst kiroku = new Kiroku('http://x');\n"
    files = {f"bad{number}": f"{before}void {line};\n" for number, line in enumerate(MISTAKES)}
    code, said = compile_typescript(project(site, tmp_path, good=f"{before}void kiroku.showLife();\n", **files), "--noEmit")
    assert code != 0 and "good.ts" not in said
    for number, complaint in enumerate(MISTAKES.values()):
        about = re.search(rf"^bad{number}\.ts\(3,.*\n(?: .*\n)*", said, re.M)
        assert about and complaint in about[0], said
