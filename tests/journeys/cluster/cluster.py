"""A cluster, as the tests need one: what was applied last, or else what the branch of the repository says, is what the site tells, over TLS. A
version that contains "bad" never becomes healthy, one with "lame" answers nothing but /readyz. Called with arguments it is kubectl; where there is
a file `away` it reaches nothing, and `breaks` has how many times a connection breaks."""

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
    applied = state / "applied"
    if applied.exists():
        return (pathlib.Path(applied.read_text()) / "configmap.yaml").read_text()
    return git("show", "main:production/k8s/configmap.yaml")


def version():
    return re.search(r"app\.kubernetes\.io/version: \"?([^\"\n]+)", configmap()).group(1)


def application():
    bad = "bad" in version()
    health = {"status": "Degraded", "message": "a pod does not start"} if bad else {"status": "Healthy"}
    return {"status": {"sync": {"revision": git("rev-parse", "main").strip(), "status": "Synced"}, "health": health}}


def pairs(words):
    return dict(word.removeprefix("--from-literal=").split("=", 1) for word in words if "=" in word)


def told_directly(words):
    lock, deployment, breaks = state / "lock.json", state / "deployment.json", state / "breaks"
    match words[0], words[1]:
        case "apply", "--kustomize":
            (state / "applied").write_text(words[2])
        case "create", "configmap":
            if lock.exists():
                sys.exit("configmaps already exists")
            lock.write_text(json.dumps({"data": pairs(words)}))
        case "get", "configmap":
            print(lock.read_text() if lock.exists() else "")
        case "delete", "configmap":
            lock.unlink()
        case "get", "deployment":
            print(deployment.read_text() if deployment.exists() else "")
        case "get", "deployments":
            print(json.dumps({"items": []}))
        case "annotate", _:
            deployment.write_text(json.dumps({"metadata": {"annotations": pairs(words)}}))
        case "rollout", "status" if breaks.exists() and int(breaks.read_text()) > 0:
            breaks.write_text(str(int(breaks.read_text()) - 1))
            sys.exit("error: unexpected EOF")


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
    elif words[0] == "--namespace" and len(words) > 3:
        told_directly(words[2:])


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
