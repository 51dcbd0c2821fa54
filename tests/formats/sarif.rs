//! SARIF: what its readers rely on, and one of them when it is installed.

use std::collections::BTreeSet;
use std::process::Command;

use super::{DEMO, check, check_in, json, list, text};

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

#[test]
fn rules_have_help_and_link_to_their_text() {
    let folder = tempfile::tempdir().unwrap();
    let pack = "pack: own\ntitle: ours\nsource: our policy\nlink: https://example.org/policy\n\
                clauses: [{id: '7.2', text: 'Nothing [is] stored abroad.'}, {id: '8', text: People are trained., link: 'https://example.org/policy#8'}]\n\
                rules:\n\
                \x20 - {id: at-home, check: storage-location, clause: '7.2', severity: error, law: [PIPL 40], processor: shop, allowed: [FR], advice: Bring it home.}\n\
                \x20 - {id: trained, check: evidence, clause: '8', severity: note, processors: [shop], kinds: [training]}\n";
    let facts = "scenario: one\nas_of: 2025-01-01T00:00:00Z\ntimezone: UTC\nhome: FR\nprocessors: [{id: shop, kind: controller}]\n\
                 rules: [{id: own, check: evidence, clause: E-1, severity: note, processors: [shop], kinds: [audit], link: 'https://example.org/e'}]\n";
    std::fs::write(folder.path().join("pack.yaml"), pack).unwrap();
    std::fs::write(folder.path().join("facts.yaml"), facts).unwrap();
    let arguments = ["facts.yaml", "--pack", "./pack.yaml", "--format", "sarif"];
    let log = json(&check_in(folder.path(), &arguments).out);
    let rules = list(&log["runs"][0]["tool"]["driver"]["rules"]);
    let of = |id: &str| rules.iter().find(|rule| rule["id"] == id).unwrap();
    let at_home = of("own/at-home");
    assert_eq!(at_home["helpUri"], "https://example.org/policy");
    for wanted in [
        "Nothing [is] stored abroad.",
        "Law: PIPL 40.",
        "What to do: Bring it home.",
        "Clause 7.2",
    ] {
        assert!(text(&at_home["help"]["text"]).contains(wanted), "{at_home}");
    }
    assert!(text(&at_home["help"]["markdown"]).ends_with("[7.2](https://example.org/policy)"));
    assert!(text(&at_home["help"]["markdown"]).contains("Nothing \\[is\\] stored"));
    assert_eq!(
        of("own/trained")["helpUri"],
        "https://example.org/policy#8",
        "a clause has its own"
    );
    assert_eq!(of("own")["helpUri"], "https://example.org/e");
    // What is no address is refused: tools make links of it.
    std::fs::write(
        folder.path().join("facts.yaml"),
        facts.replace("https://example.org/e", "javascript:alert(1)"),
    )
    .unwrap();
    let run = check_in(folder.path(), &arguments);
    assert!(
        run.code == 2 && run.err.contains("is no address on the web"),
        "{}",
        run.err
    );
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
