"""Reads SARIF and JUnit files with tools that others wrote, and compares what they see with the JSON of the same check.

    python readers.py CHECK.json CHECK.sarif CHECK.xml EXITCODE
"""

import json
import sys

from junitparser import Failure, JUnitXml
from sarif import loader


def severities(findings):
    counts = {"error": 0, "warning": 0, "note": 0}
    for finding in findings:
        counts[finding["severity"]] += 1
    return counts


def main(check, sarif, junit, fails):
    fails = fails == "1"
    findings = json.load(open(check, encoding="utf-8"))["findings"]

    log = loader.load_sarif_files(sarif)
    seen = log.get_results()
    assert len(seen) == len(findings), (len(seen), len(findings))
    report = log.get_report()
    counts = {level: report.get_issue_count_for_severity(level) for level in ("error", "warning", "note")}
    assert counts == severities(findings), counts
    for finding, result in zip(findings, seen):
        assert result["ruleId"] == finding["rule"], (result["ruleId"], finding["rule"])
        assert len(result["partialFingerprints"]) == len(finding["fingerprints"])
        steps = [step for flow in result.get("codeFlows", []) for thread in flow["threadFlows"] for step in thread["locations"]]
        assert len(steps) == len(finding.get("witness", [])), finding["id"]
        for step in steps:
            place = step["location"]["physicalLocation"]
            assert place["artifactLocation"]["uri"] and place["region"]["startLine"] >= 1, step
    # The tool's own table: a row for each result, with the file and the line.
    for record, finding in zip(log.get_records(), findings):
        if "place" in finding:
            file, line, _ = finding["place"].rsplit(":", 2)
            assert (record["Location"], int(record["Line"])) == (file, int(line)), record

    report = JUnitXml.fromfile(junit)
    cases = [case for suite in report for case in suite]
    failed = [case for case in cases if any(isinstance(result, Failure) for result in case.result)]
    assert report.tests == len(cases) and report.failures == len(failed), (report.tests, report.failures)
    counting = {f["rule"] for f in findings if fails and not any(key in f for key in ("known", "suppressed", "later"))}
    assert {case.name for case in failed} == counting, counting ^ {case.name for case in failed}
    print(f"{len(seen)} results and {len(cases)} cases read back")


main(*sys.argv[1:])
