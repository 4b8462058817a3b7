"""deploy/: the fields of the Compose files and of the Kubernetes manifests, compared with the image and the admin API."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
NGINX = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
SCALING = (ROOT / "docs/guides/scaling.md").read_text(encoding="utf-8")

PORT = int(re.search(r"^EXPOSE (\d+)$", DOCKERFILE, re.MULTILINE)[1])
USER, GROUP = map(int, re.search(r"^USER (\d+):(\d+)$", DOCKERFILE, re.MULTILINE).groups())
# nginx creates files in these folders when it starts.
NGINX_FOLDERS = {"/run", "/var/cache/nginx"}
REPLICAS = re.findall(rf"server (ecmock-\d+):{PORT} max_fails=0;", NGINX)


def compose(name):
    return yaml.safe_load((DEPLOY / name).read_text(encoding="utf-8"))["services"]


def manifests(name):
    """Returns the manifests of a file, by kind and name."""
    documents = list(yaml.safe_load_all((DEPLOY / name).read_text(encoding="utf-8")))
    found = {(it["kind"], it["metadata"]["name"]): it for it in documents}
    assert len(found) == len(documents)
    return found


def examples(start):
    """Returns the YAML block of the guide that starts with a comment."""
    [block] = re.findall(rf"^```yaml\n(# {start}.*?)^```$", SCALING, re.MULTILINE | re.DOTALL)
    return yaml.safe_load(block)


@pytest.mark.parametrize("name", ["compose.yaml", "compose-replicas.yaml"])
def test_compose_services_are_isolated(name):
    for service in compose(name).values():
        assert service["user"] == f"{USER}:{GROUP}"
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert "mem_limit" in service


@pytest.mark.parametrize("name", ["compose.yaml", "compose-replicas.yaml"])
def test_compose_publishes_one_port_on_loopback(name):
    published = [port for service in compose(name).values() for port in service.get("ports", [])]
    assert published == [f"127.0.0.1:{PORT}:{PORT}"]


@pytest.mark.parametrize("name", ["compose.yaml", "compose-replicas.yaml"])
def test_the_health_check_of_compose_is_that_of_the_image(name):
    options, command = re.search(r"^HEALTHCHECK (.*) CMD (\[.*\])$", DOCKERFILE, re.MULTILINE).groups()
    options = dict(re.findall(r"--(\S+)=(\S+)", options))
    services = [it for it in compose(name).values() if it["image"] == "ecmock"]
    assert services
    for service in services:
        check = dict(service["healthcheck"])
        assert check.pop("test") == ["CMD", *json.loads(command)]
        assert {key.replace("_", "-"): str(value) for key, value in check.items()} == options
        assert (DEPLOY / service["build"] / "Dockerfile").is_file()


def test_compose_starts_the_replicas_of_the_balancer():
    services = compose("compose-replicas.yaml")
    balancer = services.pop("balancer")
    assert list(services) == REPLICAS
    assert balancer["depends_on"] == {name: {"condition": "service_healthy"} for name in REPLICAS}
    assert balancer["volumes"] == ["./nginx.conf:/etc/nginx/nginx.conf:ro"]
    assert set(balancer["tmpfs"]) == NGINX_FOLDERS


@pytest.mark.parametrize("name", ["compose.yaml", "compose-replicas.yaml"])
def test_docker_accepts_a_compose_file(name):
    if not shutil.which("docker") or subprocess.run(["docker", "compose", "version"], capture_output=True).returncode:
        pytest.skip("docker compose is not installed")
    command = ["docker", "compose", "--file", str(DEPLOY / name), "config", "--quiet"]
    checked = subprocess.run(command, capture_output=True, encoding="utf-8")
    assert checked.returncode == 0, checked.stderr


def pods(name):
    """Returns each workload of a file with the spec of its pod and its only container."""
    workloads = [it for it in manifests(name).values() if "template" in it["spec"]]
    assert workloads
    for workload in workloads:
        spec = workload["spec"]["template"]["spec"]
        [container] = spec["containers"]
        yield workload, spec, container


@pytest.mark.parametrize("name", ["kubernetes.yaml", "kubernetes-replicas.yaml"])
def test_pods_are_isolated(name):
    for _, spec, container in pods(name):
        assert spec["securityContext"] == {
            "runAsNonRoot": True,
            "runAsUser": USER,
            "runAsGroup": GROUP,
            "seccompProfile": {"type": "RuntimeDefault"},
        }
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert spec["automountServiceAccountToken"] is False
        # A Service adds variables such as ECMOCK_PORT to pods, and the server reads variables of this form.
        assert spec["enableServiceLinks"] is False
        assert container["resources"]["requests"].keys() == {"cpu", "memory"}
        assert container["resources"]["limits"].keys() == {"memory"}


@pytest.mark.parametrize("name", ["kubernetes.yaml", "kubernetes-replicas.yaml"])
def test_probes_request_paths_of_the_admin_api(name, default_server):
    paths = {it["Path"] for it in default_server._ask("GET", "")["Paths"] if it["Method"] == "GET"}
    found = []
    for _, _, container in pods(name):
        assert container["ports"] == [{"name": "http", "containerPort": PORT}]
        for probe in (container["readinessProbe"], container["livenessProbe"]):
            request = probe.get("httpGet") or probe["tcpSocket"]
            assert request["port"] == "http"
            found += [request["path"]] if "path" in request else []
    assert found and set(found) <= paths


@pytest.mark.parametrize("name", ["kubernetes.yaml", "kubernetes-replicas.yaml"])
def test_services_select_pods(name):
    found = manifests(name)
    labels = []
    for workload, _, _ in pods(name):
        own = workload["spec"]["template"]["metadata"]["labels"]
        assert workload["spec"]["selector"]["matchLabels"].items() <= own.items()
        names = [f"{workload['metadata']['name']}-{number}" for number in range(workload["spec"]["replicas"])]
        is_set = workload["kind"] == "StatefulSet"
        labels += [own | ({"statefulset.kubernetes.io/pod-name": it} if is_set else {}) for it in names]
    services = [it for (kind, _), it in found.items() if kind == "Service"]
    for service in services:
        selector = service["spec"]["selector"].items()
        selected = [it for it in labels if selector <= it.items()]
        is_headless = service["spec"].get("clusterIP") == "None"
        assert len(selected) == (len(REPLICAS) if is_headless else 1), service["metadata"]["name"]
        assert service["spec"]["ports"] == [{"name": "http", "port": PORT, "targetPort": "http"}]


def test_one_pod_of_a_deployment_keeps_the_accounts():
    deployment = manifests("kubernetes.yaml")["Deployment", "ecmock"]["spec"]
    # A second pod, even during an update, would have other accounts.
    assert (deployment["replicas"], deployment["strategy"]) == (1, {"type": "Recreate"})


def test_the_replicas_of_the_balancer_are_pods_with_a_service():
    found = manifests("kubernetes-replicas.yaml")
    replicas = found["StatefulSet", "ecmock"]["spec"]
    assert len(REPLICAS) == replicas["replicas"] == 3
    assert found["Service", replicas["serviceName"]]["spec"]["clusterIP"] == "None"
    for number, name in enumerate(REPLICAS):
        selector = found["Service", name]["spec"]["selector"]
        assert selector == {"statefulset.kubernetes.io/pod-name": f"ecmock-{number}"}


def test_the_balancer_of_kubernetes_reads_the_configuration():
    [(spec, container)] = [
        (spec, container) for _, spec, container in pods("kubernetes-replicas.yaml") if container["name"] == "nginx"
    ]
    mounts = {it["mountPath"]: it for it in container["volumeMounts"]}
    assert mounts.keys() == NGINX_FOLDERS | {"/etc/nginx/nginx.conf"}
    volumes = {it["name"]: it for it in spec["volumes"]}
    assert all(it["name"] in volumes for it in mounts.values())
    configuration = mounts["/etc/nginx/nginx.conf"]
    assert (configuration["subPath"], configuration["readOnly"]) == ("nginx.conf", True)
    name = volumes[configuration["name"]]["configMap"]["name"]
    assert f"kubectl create configmap {name} --from-file=deploy/nginx.conf" in SCALING
    services = compose("compose-replicas.yaml")
    assert container["image"] == services["balancer"]["image"]
    assert container["command"] == services["balancer"]["entrypoint"]


@pytest.mark.parametrize(
    "path, authorization, account",
    [
        ("/", "TC3-HMAC-SHA256 Credential=ecmock-web/2026-01-31/ecm/tc3_request, Signature=c", "web"),
        ("/?SecretId=ecmock-other", "TC3-HMAC-SHA256 Credential=ecmock-web/d/s/tc3_request", "web"),
        ("/?Action=DescribeVpcs&SecretId=ecmock-web&Version=2019-07-19", None, "web"),
        ("/_ecmock/state?account=web", None, "web"),
        ("/_ecmock/requests?limit=1&account=web", None, "web"),
        ("/", "TC3-HMAC-SHA256 Credential=AKIDother/d/s/tc3_request", "default"),
        ("/?SecretId=AKIDother", None, "default"),
        ("/_ecmock/state", None, "default"),
    ],
)
def test_the_patterns_of_envoy_find_the_account(path, authorization, account):
    [host] = examples("Envoy")["route_config"]["virtual_hosts"]
    headers = {":path": path, ":method": "GET"} | ({"authorization": authorization} if authorization else {})
    query = dict(pair.split("=") for pair in path.partition("?")[2].split("&") if pair)
    route = next(it for it in host["routes"] if matches(it["match"], headers, query))
    [policy] = route["route"]["hash_policy"]
    rewrite = policy["header"]["regex_rewrite"]
    text = headers[policy["header"]["header_name"]]
    assert re.sub(rewrite["pattern"]["regex"], rewrite["substitution"], text) == account


def matches(match, headers, query):
    """Whether a route of Envoy matches a request, for the kinds of matches in the guide."""
    if not headers[":path"].startswith(match["prefix"]):
        return False
    values = [(it, headers.get(it["name"])) for it in match.get("headers", [])]
    values += [(it, query.get(it["name"])) for it in match.get("query_parameters", [])]
    for condition, value in values:
        if "present_match" in condition:
            if (value is not None) != condition["present_match"]:
                return False
        elif value is None:
            return False
        elif regex := condition["string_match"].get("safe_regex"):
            if not re.fullmatch(regex["regex"], value):
                return False
        elif not value.startswith(condition["string_match"]["prefix"]):
            return False
    return True


def test_the_ingress_uses_the_account_and_the_replicas():
    ingress = examples("Ingress")
    prefix = "nginx.ingress.kubernetes.io/"
    annotations = {key.removeprefix(prefix): it for key, it in ingress["metadata"]["annotations"].items()}
    assert f"map $uri {annotations['upstream-hash-by']} {{" in NGINX
    assert f"proxy_next_upstream {annotations['proxy-next-upstream']};" in NGINX
    assert f"proxy_request_buffering {annotations['proxy-request-buffering']};" in NGINX
    assert f"client_max_body_size {annotations['proxy-body-size']};" in NGINX
    assert f"proxy_read_timeout {annotations['proxy-read-timeout']}s;" in NGINX
    [rule] = ingress["spec"]["rules"]
    [path] = rule["http"]["paths"]
    service = path["backend"]["service"]
    assert service["port"]["name"] == "http"
    assert ("Service", service["name"]) in manifests("kubernetes-replicas.yaml")
