//! What a folder names beside its fact files: flow policies, packs, a mapping, recorded lineage.

use super::{PROJECT, check, clean, git, write};

const ABROAD: &str = "permit (principal, action, resource);\n
@id(\"nothing-to-brokers\")
@advice(\"Keep it with the lab.\")
forbid (principal, action == Action::\"share\", resource)
when { context has recipient && context.recipient == Processor::\"lab\" };\n";

#[test]
fn flow_policies_are_rules_called_as_their_files() {
    let folder = clean();
    let with = |key: &str| {
        write(
            folder.path(),
            &[
                ("policies/no-lab.cedar", ABROAD),
                ("wherefore.yaml", &format!("{PROJECT}policies: {key}\n")),
            ],
        );
        check(folder.path(), &["--format", "json"])
    };
    for key in [
        "policies/*.cedar",
        "[policies/no-lab.cedar]",
        "{file: policies/no-lab.cedar}",
    ] {
        let run = with(key);
        assert_eq!(run.code, 1, "{key}: {}", run.err);
        let found = &run.fresh()[0];
        assert_eq!(run.fresh().len(), 1, "{}", run.out);
        assert_eq!(
            (
                &found["rule"],
                &found["clause"],
                &found["severity"],
                &found["reason"],
                &found["event"]
            ),
            (
                &"no-lab".into(),
                &"no-lab".into(),
                &"error".into(),
                &"policy:nothing-to-brokers".into(),
                &"to-lab".into()
            )
        );
    }
    let run = with("{file: policies/no-lab.cedar, id: lab, clause: L-1, severity: warning, acts: [share]}");
    let found = &run.fresh()[0];
    assert_eq!(
        (&found["rule"], &found["clause"], &found["severity"]),
        (&"lab".into(), &"L-1".into(), &"warning".into())
    );
    assert!(
        with("{file: policies/no-lab.cedar, acts: [use]}")
            .fresh()
            .is_empty()
    );
    // What a policy names must be there, and a rule of a fact file keeps its name.
    let run = with("{file: policies/no-lab.cedar, processor: nobody}");
    assert!(
        run.code == 2 && run.err.contains("is called `nobody`"),
        "{}",
        run.err
    );
    let run = with("{file: policies/no-lab.cedar, id: cover}");
    assert!(
        run.code == 2 && run.err.contains("`cover` is declared twice"),
        "{}",
        run.err
    );
}

#[test]
fn a_policy_is_read_as_it_was_at_the_revision() {
    let folder = clean();
    write(
        folder.path(),
        &[
            ("no-lab.cedar", "permit (principal, action, resource);"),
            ("wherefore.yaml", &format!("{PROJECT}policies: no-lab.cedar\n")),
        ],
    );
    git(folder.path(), &["init", "-q"]);
    git(folder.path(), &["add", "."]);
    git(folder.path(), &["commit", "-q", "-m", "all is permitted"]);
    assert_eq!(check(folder.path(), &["--base-ref", "HEAD"]).code, 0);
    write(folder.path(), &[("no-lab.cedar", ABROAD)]);
    let run = check(folder.path(), &["--base-ref", "HEAD"]);
    assert_eq!(run.code, 1, "{}{}", run.out, run.err);
    assert!(run.out.contains("1 new, 0 known"), "{}", run.out);
}

#[test]
fn packs_of_the_program_and_of_the_folder_are_laid_over() {
    let folder = clean();
    let pack = "pack: own\ntitle: our own\nsource: what we want\nclauses: [{id: O-1, text: People are trained.}]\nrules:\n  - {id: no-use, check: evidence, processors: [lab], kinds: [training], clause: O-1, severity: error}\n";
    let with = |key: &str| {
        write(
            folder.path(),
            &[
                ("rules/own.yaml", pack),
                ("wherefore.yaml", &format!("{PROJECT}packs: {key}\n")),
            ],
        );
        check(folder.path(), &["--format", "json"])
    };
    let run = with("[rules/own.yaml]");
    assert_eq!(run.code, 1, "{}", run.err);
    assert_eq!(run.fresh()[0]["clause"], "O-1");
    // From elsewhere too: the path is that of the folder.
    let above = folder.path().parent().unwrap();
    let name = folder.path().file_name().unwrap().to_str().unwrap();
    let run = check(above, &[name, "--format", "json"]);
    assert_eq!(run.code, 1, "{}", run.err);
    let run = with("[\"partner-rules:platform=shop\"]");
    assert_ne!(run.code, 2, "{}", run.err);
}

const MAPPING: &str = "mapping: 1
datasets:
  - {match: {namespace: shop-db}, processor: shop, as: '{name}', category: contact}
  - {match: {namespace: broker-db}, processor: broker, as: '{name}', category: contact}
jobs: [{match: {name: export}, purpose: rating}]
";

const EVENT: &str = r#"{"eventType": "COMPLETE", "eventTime": "2025-02-01T00:00:00Z", "producer": "https://example.org", "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent", "run": {"runId": "01890a5d-ac96-774b-bcce-b302099a8057"}, "job": {"namespace": "airflow", "name": "export"}, "inputs": [{"namespace": "shop-db", "name": "customers"}], "outputs": [{"namespace": "broker-db", "name": "leads", "facets": {"columnLineage": {"_producer": "https://example.org", "_schemaURL": "https://example.org", "fields": {"mail": {"inputFields": [{"namespace": "shop-db", "name": "customers", "field": "mail", "transformations": [{"type": "DIRECT", "subtype": "IDENTITY"}]}]}}}}}]}
"#;

#[test]
fn recorded_lineage_is_judged_under_the_mapping() {
    let folder = clean();
    write(
        folder.path(),
        &[
            ("lineage/runs.ndjson", EVENT),
            ("privacy-mapping.yaml", MAPPING),
            (
                "wherefore.yaml",
                &format!("{PROJECT}lineage: lineage/*.ndjson\nmapping: privacy-mapping.yaml\n"),
            ),
        ],
    );
    let run = check(folder.path(), &["--format", "json"]);
    assert_eq!(run.code, 1, "{}{}", run.out, run.err);
    let abroad: Vec<_> = run
        .fresh()
        .into_iter()
        .filter(|found| found["rule"] == "route")
        .collect();
    assert_eq!(abroad.len(), 1, "{}", run.out);
    assert_eq!(abroad[0]["subjects"], serde_json::json!(["everyone"]));
    assert_eq!(abroad[0]["processor"], "shop");
    assert_eq!(abroad[0]["place"], "lineage/runs.ndjson:1:1");
    // Without the mapping the broker is not known to be one, and the lines say what they name that nobody declares.
    write(
        folder.path(),
        &[(
            "wherefore.yaml",
            &format!("{PROJECT}lineage: lineage/runs.ndjson\n"),
        )],
    );
    let run = check(folder.path(), &["--format", "json"]);
    assert!(!run.out.contains("\"route\""), "{}{}", run.out, run.err);
}
