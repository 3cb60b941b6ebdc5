# The checks of policy.yaml for `conftest test --combine`. What is absent denies, as it does there.
package main

import rego.v1

report(name) := one.contents if {
	some one in input
	endswith(one.path, name)
}

metric(name) := report("metrics.json")[name].value

limits_below := {"accuracy": 0.85, "f1": 0.80, "roc_auc": 0.80}

deny contains sprintf("%s is below %v", [name, limit]) if {
	some name, limit in limits_below
	not metric(name) >= limit
}

collapsed if {
	not metric("positive_rate") >= 0.05
}

collapsed if {
	not metric("positive_rate") <= 0.95
}

deny contains "the model answers nearly always the same" if collapsed

deny contains "inference takes too long" if not report("metrics.json").inference_100_rows_ms <= 500

groups := report("fairness.json").groups

selection := [share | some group in groups; share := group.selected / group.n]

recognition := [share | some group in groups; share := group.true_positives / group.positives]

alike(rates) if {
	count(rates) > 1
	max(rates) - min(rates) <= 0.10
}

deny contains "groups are not selected alike" if not alike(selection)

deny contains "groups are not recognised alike" if not alike(recognition)

lint := [result | some run in report("ruff.sarif.json").runs; some result in run.results; result.level in {"error", "warning"}]

deny contains "the linter found something" if not count(lint) == 0

deny contains "the linter did not run" if not count(report("ruff.sarif.json").runs) > 0

cases := report("junit.xml").testsuites.testsuite.testcase

failed := [case | some case in cases; some part in ["failure", "error"]; case[part]]

deny contains "tests failed" if not count(failed) == 0

deny contains "too few tests ran" if not count(cases) >= 100

findings := [finding | some result in report("trivy.json").Results; some finding in result.Vulnerabilities]

fixable_critical := [finding | some finding in findings; finding.Severity == "CRITICAL"; finding.FixedVersion]

high := [finding | some finding in findings; finding.Severity == "HIGH"]

deny contains "fixable critical findings" if not count(fixable_critical) == 0

deny contains "nothing was scanned" if not count(report("trivy.json").Results) > 0

deny contains "too many high findings" if not count(high) <= 10

load := report("k6.json").metrics

fast if {
	load.http_req_duration.values["p(95)"] <= 250
	load.http_req_failed.values.rate <= 0.01
	load.http_reqs.values.count >= 1000
}

deny contains "the service is too slow, fails too often or was hardly asked" if not fast
