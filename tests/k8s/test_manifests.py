"""What both overlays hold to: the schemas of Kubernetes, restricted pods, and that everything named is there."""

import re
from importlib.metadata import version
from pathlib import PurePosixPath

import kubernetes_validate
import pytest
from typer.testing import CliRunner

from service.cli.main import app
from service.settings import Settings
from tests.k8s import K8S, OVERLAYS, container, of_kind, pod_templates, rendered, the

WITHOUT_SCHEMA = {"ServiceMonitor", "PrometheusRule"}  # test_monitoring.py looks at them
NOT_OURS = {"OTEL_EXPORTER_OTLP_ENDPOINT"}
OLDEST, NEWEST = "1.29", kubernetes_validate.latest_version()

pytestmark = pytest.mark.cluster
each_overlay = pytest.mark.parametrize("overlay", OVERLAYS)


def pods_with(selector, overlay):
    """Kinds of the pod templates that a selector takes."""
    assert set(selector) <= {"matchLabels"}
    wanted = selector.get("matchLabels", {}).items()
    return {kind for kind, template in pod_templates(overlay).items() if wanted <= template["metadata"]["labels"].items()}


def ports_of(overlay):
    return {port["name"]: port["containerPort"] for port in container(overlay)["ports"]}


def told(overlay, kind="Deployment"):
    """Every variable that a container is given, by name; what comes from a Secret as it is referred to."""
    variables = {each["name"]: each["valueFrom"]["secretKeyRef"] for each in container(overlay, kind).get("env", [])}
    for source in container(overlay, kind).get("envFrom", []):
        (settings,) = [
            each for each in of_kind(overlay, "ConfigMap") if each["metadata"]["name"] == source["configMapRef"]["name"]
        ]
        variables |= settings["data"]
    return variables


@pytest.fixture
def settings_of(monkeypatch):
    """The settings as the service reads them in the pod."""

    def read(overlay):
        for name, value in told(overlay).items():
            monkeypatch.setenv(name, value if isinstance(value, str) else "postgresql://somebody:secret@host/name")
        return Settings()

    return read


@pytest.mark.parametrize("kubernetes", [OLDEST, NEWEST])
@each_overlay
def test_every_object_is_what_kubernetes_takes(overlay, kubernetes):
    unknown = set()
    for each in rendered(overlay):
        try:
            kubernetes_validate.validate(each, kubernetes, strict=True)
        except kubernetes_validate.SchemaNotFoundError:
            unknown.add(each["kind"])
    assert unknown == (WITHOUT_SCHEMA if overlay == "cluster" else set())


@each_overlay
def test_no_object_is_there_twice_and_all_are_in_one_namespace(overlay):
    names = [(each["kind"], each["metadata"]["name"]) for each in rendered(overlay)]
    assert len(names) == len(set(names))
    places = {each["metadata"].get("namespace") for each in rendered(overlay) if each["kind"] != "Namespace"}
    assert places == {the(overlay, "Namespace")["metadata"]["name"]}


@each_overlay
def test_the_namespace_admits_only_restricted_pods(overlay):
    assert the(overlay, "Namespace")["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"


@each_overlay
def test_every_pod_is_restricted(overlay):
    for template in pod_templates(overlay).values():
        pod = template["spec"]
        asked = pod["securityContext"]
        assert (asked["runAsNonRoot"], asked["runAsUser"], asked["fsGroup"]) == (True, 10001, 10001)
        assert asked["seccompProfile"] == {"type": "RuntimeDefault"}
        assert pod["automountServiceAccountToken"] is False
        assert {"hostNetwork", "hostPID", "hostIPC", "initContainers"} & set(pod) == set()
        assert {kind for volume in pod["volumes"] for kind in volume if kind != "name"} <= {
            "emptyDir",
            "secret",
            "persistentVolumeClaim",
        }
        for each in pod["containers"]:
            assert each["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }


@each_overlay
def test_every_pod_has_an_account_of_its_own_without_a_token(overlay):
    account = the(overlay, "ServiceAccount")
    assert account["automountServiceAccountToken"] is False
    assert {template["spec"]["serviceAccountName"] for template in pod_templates(overlay).values()} == {
        account["metadata"]["name"]
    }


@each_overlay
def test_every_container_says_what_it_needs_and_what_it_may_take(overlay):
    for kind in pod_templates(overlay):
        assert {part: set(amounts) for part, amounts in container(overlay, kind)["resources"].items()} == {
            "requests": {"cpu", "memory"},
            "limits": {"cpu", "memory"},
        }


@each_overlay
def test_every_container_runs_the_image_of_this_version(overlay):
    assert {container(overlay, kind)["image"] for kind in pod_templates(overlay)} == {f"prrt-cds:{version('prrt-cds')}"}


@each_overlay
def test_every_container_runs_a_command_that_there_is(overlay):
    for kind in pod_templates(overlay):
        arguments = container(overlay, kind)["args"]
        words = [word for word in arguments if re.fullmatch("[a-z]+", word)]
        shown = CliRunner().invoke(app, [*words, "--help"])
        assert shown.exit_code == 0, shown.output
    serve = container(overlay)["args"]
    assert (serve[0], serve[-1]) == ("serve", str(ports_of(overlay)["http"]))


@each_overlay
def test_a_mount_has_its_volume_and_a_volume_its_mount(overlay):
    for kind, template in pod_templates(overlay).items():
        mounted = sorted(mount["name"] for mount in container(overlay, kind)["volumeMounts"])
        assert mounted == sorted(volume["name"] for volume in template["spec"]["volumes"])
        assert "/tmp" in {mount["mountPath"] for mount in container(overlay, kind)["volumeMounts"]}  # noqa: S108


@each_overlay
def test_every_setting_is_one_of_the_service(overlay):
    fields = {f"PRRT_{name.upper()}" for name in Settings.model_fields}
    for kind in pod_templates(overlay):
        assert set(told(overlay, kind)) - NOT_OURS - fields == set()


def test_every_setting_that_is_spoken_of_is_one_of_the_service():
    fields = {f"PRRT_{name.upper()}" for name in Settings.model_fields}
    texts = {path.relative_to(K8S): path.read_text("utf-8") for path in K8S.rglob("*") if path.is_file()}
    spoken = {(str(path), name) for path, text in texts.items() for name in re.findall(r"\bPRRT_[A-Z_]+", text)}
    assert {(path, name) for path, name in spoken if name not in fields} == set()


@each_overlay
def test_the_service_can_read_its_settings(overlay, settings_of):
    assert settings_of(overlay).api_keys_file is not None


@each_overlay
def test_a_pod_is_given_the_time_to_drain_and_to_answer_the_last_request(overlay, settings_of):
    seconds = pod_templates(overlay)["Deployment"]["spec"]["terminationGracePeriodSeconds"]
    asked = settings_of(overlay)
    assert seconds > asked.drain_seconds + 30 + asked.record_seconds


@each_overlay
def test_the_api_keys_are_where_the_service_looks_for_them(overlay, settings_of):
    file = PurePosixPath(settings_of(overlay).api_keys_file)
    (volume,) = [each for each in pod_templates(overlay)["Deployment"]["spec"]["volumes"] if each["name"] == "api-keys"]
    (mount,) = [each for each in container(overlay)["volumeMounts"] if each["name"] == "api-keys"]
    assert mount["readOnly"] is True
    assert str(file.parent) == mount["mountPath"]
    assert [item["path"] for item in volume["secret"]["items"]] == [file.name]


@each_overlay
def test_every_secret_and_each_of_its_keys_is_made_in_the_readme(overlay):
    readme = (K8S / "README.md").read_text("utf-8")
    made = {name: set(re.findall(r"--from-(?:file|literal)=([\w.-]+)=", keys)) for name, keys in _secrets(readme)}
    for kind, template in pod_templates(overlay).items():
        for volume in template["spec"]["volumes"]:
            if "secret" in volume:
                assert {item["key"] for item in volume["secret"]["items"]} <= made[volume["secret"]["secretName"]]
        for reference in told(overlay, kind).values():
            if not isinstance(reference, str):
                assert reference["key"] in made[reference["name"]]


def _secrets(readme):
    return re.findall(r"create secret generic ([\w-]+)((?: |\\\n|--\S+)*)", readme)


@each_overlay
def test_the_probes_ask_routes_that_there_are(overlay, client):
    probes = {name: container(overlay)[name]["httpGet"] for name in ("startupProbe", "readinessProbe", "livenessProbe")}
    assert {probe["port"] for probe in probes.values()} <= set(ports_of(overlay))
    assert {name: client.get(probe["path"]).status_code for name, probe in probes.items()} == dict.fromkeys(probes, 200)
    assert {name: probe["path"] for name, probe in probes.items()} == {
        "startupProbe": "/livez",
        "readinessProbe": "/readyz",
        "livenessProbe": "/livez",
    }


@each_overlay
def test_the_deployment_and_the_service_take_the_pods_that_answer_and_no_other(overlay):
    service = the(overlay, "Service")
    assert pods_with(the(overlay, "Deployment")["spec"]["selector"], overlay) == {"Deployment"}
    assert pods_with({"matchLabels": service["spec"]["selector"]}, overlay) == {"Deployment"}
    assert {port["targetPort"] for port in service["spec"]["ports"]} <= set(ports_of(overlay))


@each_overlay
def test_every_network_policy_takes_a_pod_that_there_is(overlay):
    for policy in of_kind(overlay, "NetworkPolicy"):
        assert pods_with(policy["spec"]["podSelector"], overlay) != set(), policy["metadata"]["name"]


@each_overlay
def test_nothing_speaks_but_what_is_named(overlay):
    (everything,) = [each["spec"] for each in of_kind(overlay, "NetworkPolicy") if each["spec"]["podSelector"] == {}]
    assert everything == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}


def allowed(overlay, kind, direction):
    """With whom a pod may speak in one direction, as `peer port`."""
    found = set()
    for policy in (each["spec"] for each in of_kind(overlay, "NetworkPolicy")):
        if kind in pods_with(policy["podSelector"], overlay):
            assert direction not in policy or direction.capitalize() in policy["policyTypes"]
            for rule in policy.get(direction, []):
                peers = [_peer(peer) for peer in rule["from" if direction == "ingress" else "to"]]
                found |= {f"{peer} {port['port']}" for peer in peers for port in rule["ports"]}
    return found


def _peer(peer):
    if "ipBlock" in peer:
        return peer["ipBlock"]["cidr"]
    return peer["namespaceSelector"]["matchLabels"]["kubernetes.io/metadata.name"]


DNS = {"kube-system 53", "169.254.20.10/32 53"}
KEYS = {"0.0.0.0/0 443", "::/0 443"}


def test_the_pods_of_the_cluster_speak_with_these_and_no_other():
    assert allowed("cluster", "Deployment", "ingress") == {"ingress-nginx 8000", "monitoring 8000"}
    assert allowed("cluster", "Deployment", "egress") == {*DNS, *KEYS, "postgresql 5432"}
    assert allowed("cluster", "Job", "ingress") == set()
    assert allowed("cluster", "Job", "egress") == {*DNS, "postgresql 5432"}


def test_the_single_pod_speaks_with_these_and_no_other():
    assert allowed("single", "Deployment", "ingress") == {"ingress-nginx 8000"}
    assert allowed("single", "Deployment", "egress") == {*DNS, *KEYS}


@each_overlay
def test_the_network_policies_open_the_ports_that_are_listened_on(overlay):
    opened = {peer.split()[1] for peer in allowed(overlay, "Deployment", "ingress")}
    assert opened == {str(port) for port in ports_of(overlay).values()}


def test_the_single_pod_alone_writes_its_record(settings_of):
    deployment, pod = the("single", "Deployment")["spec"], pod_templates("single")["Deployment"]["spec"]
    assert (deployment["replicas"], deployment["strategy"]) == (1, {"type": "Recreate"})
    asked = settings_of("single")
    (mount,) = [each for each in container("single")["volumeMounts"] if each["mountPath"] == str(asked.data_dir)]
    (volume,) = [each for each in pod["volumes"] if each["name"] == mount["name"]]
    claim = the("single", "PersistentVolumeClaim", volume["persistentVolumeClaim"]["claimName"])
    assert claim["spec"]["accessModes"] == ["ReadWriteOncePod"]
    assert asked.database_url is None


def test_the_replicas_of_the_cluster_share_one_database_and_keep_nothing():
    for kind in ("Deployment", "Job"):
        assert told("cluster", kind)["PRRT_DATABASE_URL"] == {"name": "prrt-cds-database", "key": "url"}
        volumes = pod_templates("cluster")[kind]["spec"]["volumes"]
        assert [each for each in volumes if "persistentVolumeClaim" in each] == []
        writable = [each["mountPath"] for each in container("cluster", kind)["volumeMounts"] if not each.get("readOnly")]
        assert writable == ["/tmp"]  # noqa: S108


def test_the_replicas_of_the_cluster_sign_sessions_with_one_secret_if_there_is_one():
    assert told("cluster")["PRRT_SESSION_SECRET"] == {"name": "prrt-cds-session", "key": "secret", "optional": True}


@each_overlay
def test_a_client_secret_is_not_needed(overlay):
    assert told(overlay)["PRRT_OIDC_CLIENT_SECRET"] == {"name": "prrt-cds-oidc", "key": "client-secret", "optional": True}


def test_the_cluster_has_three_replicas_at_least_and_never_fewer_while_it_is_rolled():
    deployment, scaler = the("cluster", "Deployment"), the("cluster", "HorizontalPodAutoscaler")["spec"]
    target = scaler["scaleTargetRef"]
    assert (target["apiVersion"], target["kind"], target["name"]) == (
        deployment["apiVersion"],
        deployment["kind"],
        deployment["metadata"]["name"],
    )
    assert scaler["minReplicas"] == 3 < scaler["maxReplicas"]
    assert [each["resource"]["name"] for each in scaler["metrics"]] == ["cpu"]
    assert "replicas" not in deployment["spec"], "the autoscaler sets them"
    assert deployment["spec"]["strategy"]["type"] == "RollingUpdate"
    assert deployment["spec"]["strategy"]["rollingUpdate"]["maxUnavailable"] == 0


def test_one_pod_of_the_cluster_at_most_is_taken_away_on_purpose():
    budget = the("cluster", "PodDisruptionBudget")["spec"]
    assert pods_with(budget["selector"], "cluster") == {"Deployment"}
    assert budget["maxUnavailable"] == 1


def test_the_pods_of_the_cluster_are_spread_over_nodes_and_zones():
    spread = pod_templates("cluster")["Deployment"]["spec"]["topologySpreadConstraints"]
    assert {each["topologyKey"] for each in spread} == {"kubernetes.io/hostname", "topology.kubernetes.io/zone"}
    assert [pods_with(each["labelSelector"], "cluster") for each in spread] == [{"Deployment"}] * 2


def test_the_migration_ends_and_goes_away():
    job = the("cluster", "Job", "prrt-cds-migration")["spec"]
    assert job["template"]["spec"]["containers"][0]["args"] == ["db", "upgrade"]
    assert job["ttlSecondsAfterFinished"] > 0
    assert set(told("cluster", "Job")) == {"PRRT_DATABASE_URL"}


def test_every_file_that_the_readme_names_is_there():
    readme = (K8S / "README.md").read_text("utf-8")
    named = set(re.findall(r"k8s/[\w./-]*\w", readme))
    assert [path for path in named if not (K8S.parent / path).exists()] == []
    assert named != set()
