"""A cluster that follows a repository, as the tests need one: what its branch says is what the site tells, over TLS. A version that contains
"bad" never becomes healthy, one with "lame" answers nothing but /readyz. Called with arguments it is kubectl; where there is a file `away` it reaches nothing."""

import http.server
import json
import pathlib
import re
import ssl
import subprocess
import sys

state = pathlib.Path(__file__).parent
repository = state / "site.git"


def git(*words):
    return subprocess.run(["git", "--git-dir", str(repository), *words], capture_output=True, text=True, check=True).stdout


def configmap():
    return git("show", "main:production/k8s/configmap.yaml")


def version():
    return re.search(r"app\.kubernetes\.io/version: \"?([^\"\n]+)", configmap()).group(1)


def application():
    bad = "bad" in version()
    health = {"status": "Degraded", "message": "a pod does not start"} if bad else {"status": "Healthy"}
    return {"status": {"sync": {"revision": git("rev-parse", "main").strip(), "status": "Synced"}, "health": health}}


def kubectl(words):
    with open(state / "kubectl.log", "a") as log:
        log.write(" ".join(words) + "\n")
    if (state / "away").exists():
        sys.exit("The connection to the server was refused")
    if "application" in words:
        # Before the first commit there is nothing to follow.
        print(json.dumps(application() if git("ls-tree", "main", "production") else {"status": {}}))
    elif "pods" in words:
        pod = {"metadata": {"name": "backend-0"}, "status": {"phase": "Running", "containerStatuses": [{"restartCount": 0}]}}
        print(json.dumps({"items": [pod]}))
    elif "backupd" in words:
        print(json.dumps({"id": "20261126T020000Z", "ok": True}))


class Site(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        release = re.search(r"MAGNETIQ__SERVER__RELEASE: \"?([^\"\n]+)", configmap()).group(1)
        pages = {"/readyz": json.dumps({"status": "pass", "releaseId": release})}
        if "lame" not in version():
            pages |= {"/": "<!doctype html>", "/admin": "<!doctype html>", "/api/v1/pages": "{}", "/health/features": '{"features":[]}'}
        body = pages.get(self.path, "")
        self.send_response(200 if body else 500)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_):
        pass


def serve():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Site)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(state / "certificate.pem", state / "key.pem")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    print(server.server_address[1], flush=True)
    server.serve_forever()


if len(sys.argv) > 1:
    kubectl(sys.argv[1:])
else:
    serve()
