//! SARIF: what its readers rely on, and one of them when it is installed.

use std::collections::BTreeSet;
use std::process::Command;

use super::{DEMO, check, json, list, text};

#[test]
fn rules_places_and_chains_fit_the_findings() {
    let log = json(&check(&[DEMO, "--format", "sarif"]).out);
    let findings = json(&check(&[DEMO, "--format", "json"]).out);
    assert_eq!(text(&log["version"]), "2.1.0");
    let run = &log["runs"][0];
    let driver = &run["tool"]["driver"];
    assert_eq!(text(&driver["name"]), "wherefore");
    let rules = list(&driver["rules"]);
    let ids: BTreeSet<&str> = rules.iter().map(|rule| text(&rule["id"])).collect();
    assert_eq!(ids.len(), rules.len());
    let results = list(&run["results"]);
    let findings = list(&findings["findings"]);
    assert_eq!(results.len(), findings.len());
    let mut chains = 0;
    for (result, finding) in results.iter().zip(findings) {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(result["ruleId"], rules[index]["id"]);
        assert_eq!(result["level"], rules[index]["defaultConfiguration"]["level"]);
        assert_eq!(result["level"], finding["severity"]);
        assert_eq!(result["message"]["text"], finding["why"]);
        for key in ["clause", "reason", "processor", "at"] {
            assert_eq!(result["properties"][key], finding[key]);
        }
        let prints: BTreeSet<&str> = result["partialFingerprints"]
            .as_object()
            .unwrap()
            .values()
            .map(text)
            .collect();
        assert_eq!(prints, list(&finding["fingerprints"]).iter().map(text).collect());
        let place = &result["locations"][0]["physicalLocation"];
        let (uri, region) = (text(&place["artifactLocation"]["uri"]), &place["region"]);
        let told = format!("{uri}:{}:{}", region["startLine"], region["startColumn"]);
        if let Some(place) = finding.get("place") {
            assert_eq!(text(place), told);
        } else {
            assert!(
                told.starts_with(DEMO),
                "what is missing is shown at its rule: {told}"
            );
        }
        assert!(result.get("baselineState").is_none(), "there was no baseline");
        let Some(witness) = finding.get("witness") else {
            assert!(result.get("codeFlows").is_none());
            continue;
        };
        let steps = list(&result["codeFlows"][0]["threadFlows"][0]["locations"]);
        assert_eq!(steps.len(), list(witness).len());
        for (step, act) in steps.iter().zip(list(witness)) {
            let location = &step["location"];
            assert!(text(&location["message"]["text"]).contains(text(act)));
            assert!(location["physicalLocation"]["region"]["startLine"].as_u64() > Some(1));
            chains += 1;
        }
    }
    assert!(chains > 50, "the demo has long chains");
}

/// `sarif` of sarif-tools reads the log and counts the same. Passes without a word where it is not installed.
#[test]
fn sarif_tools_counts_the_same() {
    if Command::new("sarif").arg("--version").output().is_err() {
        println!("sarif-tools is not installed; nothing was compared");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("demo.sarif");
    std::fs::write(&path, check(&[DEMO, "--format", "sarif"]).out).unwrap();
    let done = Command::new("sarif").arg("summary").arg(&path).output().unwrap();
    let told = String::from_utf8_lossy(&done.stdout);
    assert!(
        done.status.success(),
        "{told}{}",
        String::from_utf8_lossy(&done.stderr)
    );
    for count in ["error: 49", "warning: 7", "note: 0"] {
        assert!(told.contains(count), "{count} is not in\n{told}");
    }
}
