"""`/v1/rules` and `/v1/evidence`: what the service knows, with its sources."""


def test_the_rules_are_listed_by_name(client):
    rules = client.get("/v1/rules").json()["rules"]
    names = [rule["name"] for rule in rules]
    assert names == sorted(names)
    assert {"alkaline_phosphatase", "cumulative_activity", "mid_prrt_response"} <= set(names)
    for rule in rules:
        assert set(rule) == {"name", "title", "claim", "description", "decisions", "parameters", "findings"}


def test_one_rule_tells_its_decisions_numbers_and_doubts(client):
    rule = client.get("/v1/rules/alkaline_phosphatase").json()
    assert rule["title"] == "ALP alert"
    assert "Judge the latest ALP" in rule["description"]
    assert rule["decisions"][0] == {
        "id": "not_measured",
        "situation": "No ALP, or no upper limit with the latest one",
        "answer": "unknown",
        "next_cycle": None,
    }
    assert rule["parameters"][0]["id"] == "raised"
    assert rule["parameters"][0]["unit"] == "xULN"
    assert rule["findings"][0]["ci_kind"] == "derived"


def test_each_rule_of_the_list_is_served_alone(client):
    for rule in client.get("/v1/rules").json()["rules"]:
        assert client.get(f"/v1/rules/{rule['name']}").json() == rule


def test_the_evidence_is_a_record_per_rule_and_the_sources(client):
    evidence = client.get("/v1/evidence").json()
    assert set(evidence) == {"records", "criteria", "sources"}
    rules = client.get("/v1/rules").json()["rules"]
    assert [record["id"] for record in evidence["records"]] == [rule["name"] for rule in rules]


def test_each_number_names_a_source_that_is_told(client):
    evidence = client.get("/v1/evidence").json()
    sources = {source["id"] for source in evidence["sources"]}
    for record in evidence["records"] + evidence["criteria"]:
        for number in [*record["parameters"].values(), *record["findings"].values()]:
            assert number["source"] in sources, (record["id"], number["id"])
            assert number["unit"], (record["id"], number["id"])


def test_an_id_is_a_record_criteria_or_a_source_and_never_two_of_them(client):
    evidence = client.get("/v1/evidence").json()
    ids = [each["id"] for each in evidence["records"] + evidence["criteria"] + evidence["sources"]]
    assert len(ids) == len(set(ids))


def test_each_record_criteria_and_source_is_served_alone(client):
    evidence = client.get("/v1/evidence").json()
    for each in evidence["records"] + evidence["criteria"] + evidence["sources"]:
        assert client.get(f"/v1/evidence/{each['id']}").json() == each


def test_a_source_tells_its_design_and_its_limits(client):
    source = client.get("/v1/evidence/chandekar-2025").json()
    assert source["doi"] == "10.2967/jnumed.125.269456"
    assert source["n"] == 74
    assert source["limits"]


def test_the_documentation_is_served_from_this_service(client):
    page = client.get("/docs")
    assert page.status_code == 200
    assert "/static-offline-docs/swagger-ui-bundle.js" in page.text
    assert "https://" not in page.text
    assert client.get("/static-offline-docs/swagger-ui-bundle.js").status_code == 200
