"""A cluster, as the tests need one: what was applied last, or else what the branch of the repository says, is what the site tells, over TLS. A
version that contains "bad" never becomes healthy, one with "lame" answers nothing but /readyz, one with "moves" migrates the schema, and one with
"dies" does so and does not start, one with "half" is applied by half; a program refuses a schema newer than its own. Called with arguments it is kubectl; where there is a file `away`
it reaches nothing, `breaks` has how many times a connection breaks, `evicted` has a pod that was, and `limit` how many old ReplicaSets are kept."""

import json
import os
import pathlib
import re
import subprocess
import sys

state = pathlib.Path(__file__).parent
repository = state / "site.git"
WORKLOADS = ["backend", "frontend", "healthd"]


def git(*words):
    return subprocess.run(["git", "--git-dir", str(repository), *words], capture_output=True, text=True, check=True).stdout


def read(name, otherwise):
    path = state / name
    return json.loads(path.read_text()) if path.exists() else otherwise


def write(name, value):
    temporary = state / f"{name}.{os.getpid()}"
    temporary.write_text(json.dumps(value))
    temporary.rename(state / name)


def configmap():
    sets = [it for it in read("sets.json", []) if it["workload"] == "backend"]
    if sets:
        return max(sets, key=lambda it: it["revision"])["settings"]
    return git("show", "main:production/k8s/configmap.yaml")


def version():
    return re.search(r"app\.kubernetes\.io/version: \"?([^\"\n]+)", configmap()).group(1)


def release(text):
    """None, where somebody applied what it is by hand."""
    found = re.search(r"MAGNETIQ__SERVER__RELEASE: \"?([^\"\n]+)", text)
    return found.group(1) if found else None


def start():
    """Whether what runs starts on the schema that is there, which it migrates first where it is older."""
    programs, schema = read("programs.json", {}), read("schema.json", 15)
    wants = programs.setdefault(version(), schema + 1 if re.search("moves|dies", version()) else schema)
    write("programs.json", programs)
    if wants > schema:
        write("schema.json", wants)
    return wants >= schema


def application():
    starts = start() and not re.search("bad|dies", version())
    health = {"status": "Healthy"} if starts else {"status": "Degraded", "message": "a pod does not start"}
    return {"status": {"sync": {"revision": git("rev-parse", "main").strip(), "status": "Synced"}, "health": health}}


def pairs(words):
    return dict(word.removeprefix("--from-literal=").split("=", 1) for word in words if "=" in word)


def newest(workload, sets):
    return max((it for it in sets if it["workload"] == workload), key=lambda it: it["revision"], default=None)


def run(workload, name, settings):
    """A ReplicaSet is what its pods are: one that was there before gets a new revision, and old ones go."""
    sets = read("sets.json", [])
    last = newest(workload, sets)
    if last and last["name"] == name:
        return
    before = next((it for it in sets if it["name"] == name), None)
    sets = [it for it in sets if it["name"] != name]
    sets.append({"workload": workload, "name": name, "revision": last["revision"] + 1 if last else 1, "settings": settings})
    # The Deployment has the annotations of what it goes back to, and what is new those of the Deployment.
    annotations = before["annotations"] if before else read("deployment.json", {"metadata": {}})["metadata"].get("annotations", {})
    sets[-1]["annotations"] = annotations
    if workload == "backend" and before:
        write("deployment.json", {"metadata": {"annotations": annotations}})
    of = sorted((it for it in sets if it["workload"] == workload), key=lambda it: -it["revision"])
    gone = of[int(read("limit", 3)) + 1 :]
    write("sets.json", [it for it in sets if it not in gone])


def apply(files):
    text = (pathlib.Path(files) / "configmap.yaml").read_text()
    tag = re.search(r"app\.kubernetes\.io/version: \"?([^\"\n]+)", text).group(1)
    number = release(text) or "0"
    # The page knows nothing of settings: it is another one where its image is.
    for workload, is_what in zip(WORKLOADS, [number, tag, number]):
        run(workload, f"{workload}-{is_what}", text)


def undo(words):
    workload, revision = words[2].removeprefix("deployment/"), int(words[3].removeprefix("--to-revision="))
    sets = read("sets.json", [])
    of = next((it for it in sets if it["workload"] == workload and it["revision"] == revision), None)
    if of is None:
        sys.exit(f"error: unable to find specified revision {revision} in history")
    run(workload, of["name"], of["settings"])


def told_directly(words):
    lock, breaks = state / "lock.json", state / "breaks"
    sets = read("sets.json", [])
    match words[0], words[1]:
        case "apply", "--kustomize":
            apply(words[2])
            if "half" in version():
                sys.exit("error: the server was asked for something else, and refused it")
        case "apply", "--filename" if words[2].endswith("releases.json"):
            write("records.json", json.loads(pathlib.Path(words[2]).read_text()))
        case "create", "configmap":
            if lock.exists():
                sys.exit("configmaps already exists")
            lock.write_text(json.dumps({"data": pairs(words)}))
        case "get", "configmap" if words[2].startswith("settings-"):
            print(json.dumps({"data": dict(re.findall(r"(MAGNETIQ__\w+): \"?([^\"\n]*)", configmap()))}))
        case "get", "configmap":
            path = state / "records.json" if words[2].endswith("-releases") else lock
            print(path.read_text() if path.exists() else "")
        case "delete", "configmap":
            lock.unlink()
        case "get", "deployment":
            labels = lambda: {"app.kubernetes.io/version": version()}
            status = lambda: {"availableReplicas": 1} if start() and "dies" not in version() else {}
            containers = [{"envFrom": [{"configMapRef": {"name": "settings-0123456789"}}]}]
            template = lambda: {"metadata": {"labels": labels()}, "spec": {"containers": containers}}
            pods = lambda: {"spec": {"template": template()}, "status": status()}
            about = lambda: read("deployment.json", {"metadata": {}}) | pods()
            print(json.dumps(about()) if sets else "")
        case "get", "deployments":
            of = [newest(workload, sets) for workload in WORKLOADS if newest(workload, sets)]
            revision = lambda it: {"deployment.kubernetes.io/revision": str(it["revision"])}
            print(json.dumps({"items": [{"metadata": {"name": it["workload"], "annotations": revision(it)}} for it in of]}))
        case "get", "replicasets":
            about = lambda it: {
                "name": it["name"],
                "ownerReferences": [{"name": it["workload"]}],
                "annotations": {"deployment.kubernetes.io/revision": str(it["revision"])},
            }
            pods = lambda it: {"template": {"spec": it["settings"]}}
            print(json.dumps({"items": [{"metadata": about(it), "spec": pods(it)} for it in sets]}))
        case "annotate", _:
            newest("backend", sets)["annotations"] = pairs(words)
            write("sets.json", sets)
            write("deployment.json", {"metadata": {"annotations": pairs(words)}})
        case "rollout", "undo":
            undo(words)
        case "rollout", "status" if breaks.exists() and int(breaks.read_text()) > 0:
            breaks.write_text(str(int(breaks.read_text()) - 1))
            sys.exit("error: unexpected EOF")
        case "rollout", "status" if not start() or "dies" in version():
            sys.exit("error: deployment exceeded its progress deadline")


def pods(words):
    migrated = [{"name": "migrate", "state": {"terminated": {"exitCode": 0 if start() else 1}}}]
    status = {"phase": "Running", "containerStatuses": [{"restartCount": 0}], "initContainerStatuses": migrated}
    of = [{"metadata": {"name": "backend-0", "labels": {"pod-template-hash": "0"}}, "status": status}]
    if (state / "evicted").exists() and not any("status.phase!=Failed" in word for word in words):
        of.insert(0, {"metadata": {"name": "backend-evicted"}, "status": {"phase": "Failed", "reason": "Evicted"}})
    print(json.dumps({"items": of}))


def migrated():
    """What `api-server migrate --json` says where there is nothing to do."""
    print(json.dumps({"from": read("schema.json", 15), "to": read("schema.json", 15), "applied": [], "copy": None}, indent=2))


def kubectl(words):
    with open(state / "kubectl.log", "a") as log:
        log.write(" ".join(words) + "\n")
    if (state / "away").exists():
        sys.exit("The connection to the server was refused")
    is_followed = git("ls-tree", "main", "production")
    if "application" in words:
        # Before the first commit there is nothing to follow.
        print(json.dumps(application() if is_followed else {"status": {}}))
    elif "pods" in words:
        pods(words)
    elif "backupd" in words and "export" in words:
        sys.stdout.buffer.write((state / "export.tar.gz").read_bytes())
    elif "backupd" in words:
        print(json.dumps({"id": "20261126T020000Z", "ok": True}))
    elif "exec" in words and "migrate" in words:
        if not is_followed and not read("sets.json", []) or not start() or "dies" in version():
            sys.exit("error: unable to upgrade connection: container not found")
        migrated()
    elif "logs" in words and "migrate" in words:
        migrated()
    elif words[0] == "--namespace" and len(words) > 3:
        told_directly(words[2:])


def serve():
    # Not for the many calls as kubectl: these cost them more than all else.
    import http.server
    import ssl

    class Site(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            pages = {}
            if "dies" not in version() and start():
                told = release(configmap())
                pages = {"/readyz": json.dumps({"status": "pass"} | ({"releaseId": told} if told else {}))}
                if "lame" not in version():
                    pages |= {"/": "<!doctype html>", "/admin": "<!doctype html>", "/api/v1/pages": "{}", "/health/features": '{"features":[]}'}
            body = pages.get(self.path, "")
            self.send_response(200 if body else 500)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_):
            pass

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
