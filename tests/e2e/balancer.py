# tests/e2e/balancer.py: nginx before two gateways: to each in turn, whoever asks and whatever they did before.
import subprocess
import time

import requests

from api import Api, patience
from conftest import free_port

CONFIGURATION = """
daemon off; worker_processes 1; pid {folder}/pid; error_log {folder}/error.log; {user}
events {{ worker_connections 1024; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    map $http_upgrade $connection_upgrade {{ default upgrade; '' ''; }}
    upstream gateways {{ {servers} }}
    server {{
        listen 127.0.0.1:{port};
        location / {{
            proxy_pass http://gateways;
            proxy_http_version 1.1;
            proxy_set_header Host $host;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection $connection_upgrade;
            proxy_read_timeout 75s;  # longer than pings and heartbeats are apart
            add_header X-Gateway $upstream_addr always;
        }}
    }}
}}
"""


class Balancer:
    """Nothing is said of buffering: streams of events ask for none themselves (X-Accel-Buffering)."""

    def __init__(self, gateways, folder):
        self.port = free_port()
        servers = " ".join(f"server {api.url.removeprefix('http://')} max_fails=1 fail_timeout=1s;" for api in gateways)
        configuration = folder / "nginx.conf"
        configuration.write_text(CONFIGURATION.format(folder=folder, servers=servers, port=self.port, user="user root;"))
        self.process = subprocess.Popen(["/usr/sbin/nginx", "-c", configuration, "-p", folder, "-e", folder / "error.log"])
        self.api = Api(f"http://127.0.0.1:{self.port}")
        until = time.monotonic() + patience(20)
        while not self.answers():
            assert self.process.poll() is None and time.monotonic() < until, (folder / "error.log").read_text()
            time.sleep(0.05)

    def answers(self):
        try:
            return requests.get(self.api.url + "/healthz", timeout=5).status_code == 200
        except requests.ConnectionError:
            return False

    def stop(self):
        self.process.terminate()
        self.process.wait(20)
