"""Alerts that sound when they should and only then, and a dashboard that shows what the service publishes."""

import json
import re
from functools import cache
from itertools import combinations

import pytest
import yaml

from service.metrics import COMMIT_SECONDS, REQUEST_SECONDS, Metrics
from service.settings import Settings
from tests.k8s import MONITORING, PLAIN_RULES, PROMETHEUS_RULE, alerts, of_kind, plain_rules, prometheus_rule, run, the

TESTS = sorted((MONITORING / "tests").glob("*.yaml"))
DASHBOARD = json.loads((MONITORING / "dashboard.json").read_text("utf-8"))
PANELS = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
OF_THE_TARGET = {"namespace", "job", "instance", "pod"}
KEYWORDS = {"and", "or", "unless", "offset"}
BUILT_IN = {"row", "stat", "timeseries", "table"}
MONITOR_KEYS = {"jobLabel", "selector", "endpoints"}
ENDPOINT_KEYS = {"port", "path", "interval", "scrapeTimeout"}

pytestmark = pytest.mark.cluster
each_alert = pytest.mark.parametrize("name", alerts())


@cache
def published():
    """Labels of each metric that the service publishes, by name; a histogram by the names of its parts."""
    metrics = Metrics()
    labels = {each._name: set(each._labelnames) for each in vars(metrics).values() if hasattr(each, "_labelnames")}
    found = {}
    for family in metrics.registry.collect():
        endings = {"counter": ["_total"], "info": ["_info"], "histogram": ["_bucket", "_sum", "_count"]}.get(family.type, [""])
        of_this = labels.get(family.name, set()) | ({"le"} if family.type == "histogram" else set())
        found |= {family.name + ending: of_this for ending in endings}
    return found | {"up": set()}


def recorded():
    return {rule["record"] for rule in plain_rules() if "record" in rule}


def metrics_in(expression):
    """The names of the metrics in an expression: no labels, strings, durations, functions or keywords."""
    bare = re.sub(r'"[^"]*"', "", expression)
    bare = re.sub(r"\{[^}]*\}|\[[^\]]*\]|\b(by|on)\s*\([^)]*\)|\boffset\s+\w+", "", bare)
    return set(re.findall(r"[a-zA-Z_:][\w:]*\b(?!\s*\()", bare)) - KEYWORDS


def expressions():
    return [rule["expr"] for rule in plain_rules()] + [target["expr"] for panel in PANELS for target in panel["targets"]]


def the_tests(file):
    return yaml.safe_load(file.read_text("utf-8"))


def cases(name):
    return [
        case
        for file in TESTS
        for test in the_tests(file)["tests"]
        for case in test["alert_rule_test"]
        if case["alertname"] == name
    ]


def promtool(*arguments):
    ran = run("promtool", *arguments)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_the_plain_rules_are_rules_of_prometheus():
    promtool("check", "rules", PLAIN_RULES)


def test_the_resource_of_the_operator_is_made_from_the_plain_rules():
    assert PROMETHEUS_RULE.read_text("utf-8") == prometheus_rule(), "run `make docs`"
    assert the("cluster", "PrometheusRule")["spec"] == yaml.safe_load(PLAIN_RULES.read_text("utf-8"))


def test_what_the_cluster_loads_are_rules_of_prometheus(tmp_path):
    resource = the("cluster", "PrometheusRule")
    assert resource["apiVersion"] == "monitoring.coreos.com/v1"
    (tmp_path / "rules.yaml").write_text(yaml.safe_dump(resource["spec"]), "utf-8")
    promtool("check", "rules", tmp_path / "rules.yaml")


def test_prometheus_finds_the_service_and_calls_it_as_the_alerts_do():
    monitor, service = the("cluster", "ServiceMonitor"), the("cluster", "Service")
    asked, labels = monitor["spec"], service["metadata"]["labels"]
    assert monitor["apiVersion"] == "monitoring.coreos.com/v1"
    assert set(asked) == MONITOR_KEYS
    assert set(asked["selector"]) == {"matchLabels"}
    assert asked["selector"]["matchLabels"].items() <= labels.items()
    assert len(of_kind("cluster", "Service")) == 1
    (endpoint,) = asked["endpoints"]
    assert set(endpoint) == ENDPOINT_KEYS
    assert endpoint["port"] in {port["name"] for port in service["spec"]["ports"]}
    assert set(re.findall(r'job="([^"]*)"', PLAIN_RULES.read_text("utf-8"))) == {labels[asked["jobLabel"]]}


def test_prometheus_asks_a_route_that_there_is(client):
    (endpoint,) = the("cluster", "ServiceMonitor")["spec"]["endpoints"]
    answer = client.get(endpoint["path"])
    assert answer.status_code == 200
    assert "\nprrt_ready " in answer.text


@pytest.mark.parametrize("file", TESTS, ids=lambda file: file.stem)
def test_the_alerts_sound_as_their_tests_say(file):
    promtool("test", "rules", file)


@each_alert
def test_an_alert_is_tested_sounding_and_silent(name):
    assert {bool(case["exp_alerts"]) for case in cases(name)} == {True, False}


def test_every_case_is_about_an_alert_that_there_is():
    named = {case["alertname"] for file in TESTS for test in the_tests(file)["tests"] for case in test["alert_rule_test"]}
    assert named == set(alerts())


@each_alert
def test_an_alert_says_how_bad_it_is_what_it_means_and_where_to_read_on(name):
    alert = alerts()[name]
    assert alert["labels"]["severity"] in {"critical", "warning"}
    assert set(alert["annotations"]) == {"summary", "description", "runbook"}
    assert all(alert["annotations"].values())
    anchor = re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower()
    assert alert["annotations"]["runbook"] == f"docs/operations.md#{anchor}"


def variants(alert):
    """The alert with each number it compares with a little lower and higher, and with its patience gone and doubled."""
    for number in re.finditer(r"(?<=[<>=] )[\d.]+", alert["expr"]):
        value = number.group()
        for moved in [float(value) * 0.9, float(value) * 1.1] if "." in value else [int(value) - 1, int(value) + 1]:
            yield alert | {"expr": alert["expr"][: number.start()] + str(moved) + alert["expr"][number.end() :]}
    if "for" in alert:
        amount, unit = int(alert["for"][:-1]), alert["for"][-1]
        yield alert | {"for": f"0{unit}"}
        yield alert | {"for": f"{2 * amount}{unit}"}


def that_fail(variants_of_one, folder):
    """Numbers of the variants with which a test of their alert fails."""
    name, needed = variants_of_one[0]["alert"], metrics_in(variants_of_one[0]["expr"])
    renamed = [each | {"alert": f"Variant{number}"} for number, each in enumerate(variants_of_one)]
    rules = [*(rule for rule in plain_rules() if rule.get("record") in needed), *renamed]
    (folder / "rules.yaml").write_text(yaml.safe_dump({"groups": [{"name": "variants", "rules": rules}]}), "utf-8")
    files = []
    for file in TESTS:
        told = the_tests(file) | {"rule_files": ["rules.yaml"]}
        for test in told["tests"]:
            of_the_alert = [case for case in test["alert_rule_test"] if case["alertname"] == name]
            test["alert_rule_test"] = [case | {"alertname": each["alert"]} for case in of_the_alert for each in renamed]
        told["tests"] = [test for test in told["tests"] if test["alert_rule_test"]]
        if told["tests"]:
            files.append(folder / file.name)
            files[-1].write_text(yaml.safe_dump(told), "utf-8")
    ran = run("promtool", "test", "rules", *files)
    return {int(number) for number in re.findall(r"alertname: Variant(\d+),", ran.stdout + ran.stderr)}


@each_alert
def test_the_numbers_of_an_alert_are_held_in_place_by_its_tests(name, tmp_path):
    every = [alerts()[name], *variants(alerts()[name])]
    failed = that_fail(every, tmp_path)
    assert [each for number, each in enumerate(every) if number not in failed] == [alerts()[name]]
    assert len(every) > 1


def test_every_metric_that_is_asked_for_is_published_or_recorded():
    asked = set().union(*map(metrics_in, expressions()))
    assert asked - recorded() - set(published()) == set()


def test_every_label_that_is_asked_for_is_one_of_its_metric():
    for expression in expressions():
        for metric, matchers in re.findall(r"([\w:]+)\{((?:[^}\"]|\"[^\"]*\")*)\}", expression):
            labels = set(re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", re.sub(r'"[^"]*"', "", matchers)))
            assert labels - OF_THE_TARGET - published().get(metric, set()) == set(), expression


def test_every_metric_of_the_service_is_on_the_dashboard():
    shown = set().union(*(metrics_in(target["expr"]) for panel in PANELS for target in panel["targets"]))
    families = {re.sub("_(bucket|sum|count)$", "", name) for name in published() if name.startswith("prrt_")}
    assert families - {re.sub("_(bucket|sum|count)$", "", name) for name in shown} == set()


def test_an_alert_about_time_stands_on_the_bound_of_a_bucket():
    bounds = {"PrrtRecordCommitSlow": COMMIT_SECONDS, "PrrtLatencyHigh": REQUEST_SECONDS}
    for name, buckets in bounds.items():
        assert float(alerts()[name]["expr"].split()[-1]) in buckets


def test_the_queue_is_reported_before_requests_are_refused():
    most = Settings.model_fields["max_in_flight"].default
    assert float(alerts()["PrrtRecordQueueFilling"]["expr"].split()[-1]) == most / 2


def test_the_dashboard_has_panels_of_grafana_alone_and_asks_the_source_that_is_chosen():
    assert DASHBOARD["schemaVersion"] >= 39
    assert {panel["type"] for panel in DASHBOARD["panels"]} <= BUILT_IN
    (chosen,) = [variable for variable in DASHBOARD["templating"]["list"] if variable["type"] == "datasource"]
    source = {"type": "prometheus", "uid": f"${{{chosen['name']}}}"}
    assert chosen["query"] == "prometheus"
    assert [panel["title"] for panel in PANELS if panel["datasource"] != source] == []
    assert [target for panel in PANELS for target in panel["targets"] if target["datasource"] != source] == []


def test_the_panels_have_ids_of_their_own_a_title_words_and_a_place_of_their_own():
    panels = DASHBOARD["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    assert all(panel["title"] and panel["description"] for panel in PANELS)
    for one, other in combinations([panel["gridPos"] for panel in panels], 2):
        beside = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
        below = one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]
        assert beside or below
    assert max(panel["gridPos"]["x"] + panel["gridPos"]["w"] for panel in panels) <= 24


def test_every_alert_is_named_at_the_panel_that_shows_why():
    named = [name for panel in PANELS for name in re.findall(r"\bPrrt\w+", panel["description"])]
    assert set(named) == set(alerts())


def test_prometheus_can_read_every_expression_of_the_dashboard(tmp_path):
    asked = [target["expr"] for panel in PANELS for target in panel["targets"]]
    filled = [re.sub(r"\$(namespace|job)\b", "x", expression).replace("$__rate_interval", "5m") for expression in asked]
    assert [expression for expression in filled if "$" in expression] == []
    rules = [{"record": f"panel:{number}", "expr": expression} for number, expression in enumerate(filled)]
    (tmp_path / "rules.yaml").write_text(yaml.safe_dump({"groups": [{"name": "dashboard", "rules": rules}]}), "utf-8")
    promtool("check", "rules", tmp_path / "rules.yaml")


def test_grafana_is_given_the_dashboard():
    given = the("cluster", "ConfigMap", "prrt-cds-dashboard")
    assert given["metadata"]["labels"]["grafana_dashboard"] == "1"
    assert [json.loads(text) for text in given["data"].values()] == [DASHBOARD]
