//! Rules with flow policies, from the worked example and from small files.

use std::path::Path;
use std::sync::Arc;

use wherefore::db::Snapshot;
use wherefore::import::{self, Format};
use wherefore::model::finding::Finding;
use wherefore::model::id::{FieldId, SubjectId};

/// Findings of a document whose policies stand in it.
fn findings(text: &str) -> Vec<Arc<Finding>> {
    let document = import::read_alone(text, "facts.yaml", Format::Yaml)
        .unwrap_or_else(|problems| panic!("{problems:?}"));
    Snapshot::of_document(document).findings(None).unwrap().to_vec()
}

fn row(finding: &Finding) -> String {
    let list = |ids: Vec<&str>| ids.join("+");
    format!(
        "{} {} {} {} {} {} {} {} {}",
        finding.rule,
        finding.clause,
        finding.severity,
        finding.culprit.as_str(),
        finding.reason,
        finding.processor,
        list(finding.subjects.iter().map(SubjectId::as_str).collect()),
        list(finding.fields.iter().map(FieldId::as_str).collect()),
        list(finding.witness.iter().map(|step| step.act.as_str()).collect()),
    )
}

#[test]
fn the_worked_example_breaks_each_policy_once() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/flow-policies");
    let text = std::fs::read_to_string(folder.join("clinic.yaml")).unwrap();
    let document = import::read_beside(&text, "clinic.yaml", Format::Yaml, Some(&folder), &|_| ())
        .and_then(import::alone)
        .unwrap_or_else(|problems| panic!("{problems:?}"));
    let findings = Snapshot::of_document(document).findings(None).unwrap().to_vec();
    let rows: Vec<String> = findings.iter().map(|finding| row(finding)).collect();
    assert_eq!(
        rows,
        [
            "delegates GDPR-28 warning lab-outside policy:delegates-keep-inside lab ada diagnosis visit+to-lab+lab-outside",
            "eu-border GDPR-44 error mail-plain policy:eu-border hospital ada+kim email visit+mail-plain",
            "minors GDPR-8 error campaign policy:no-marketing-to-children hospital kim email visit+campaign",
            "health GDPR-9 error study-named policy:health-for-treatment hospital ada diagnosis visit+study-named",
            "freeze CONTRACT-7 warning claim-after policy:merger-freeze hospital ada diagnosis visit+claim-after",
        ]
    );
    assert!(
        findings[1].sentence.ends_with(
            "the flow policy eu-border forbids it. Agree on standard clauses before the transfer, or keep the data \
             inside the EEA."
        ),
        "{}",
        findings[1].sentence
    );
}

const SMALL: &str = "
scenario: small
as_of: 2025-06-01T00:00:00Z
subjects: [{id: ada}]
fields: [{id: email}, {id: phone}]
processors: [{id: shop, kind: controller}, {id: bank, kind: controller}]
purposes: [{id: orders}]
events:
  - {id: e1, at: 2025-01-01T00:00:00Z, act: collect, to: shop, subjects: [ada], fields: [email, phone], purpose: orders}
  - {id: e2, at: 2025-01-02T00:00:00Z, act: share, from: shop, to: bank, subjects: [ada], fields: [email, phone], purpose: orders}
rules:
  - id: flows
    clause: C-1
    severity: warning
    check: policy
    policy: |
";

fn with(policies: &str) -> String {
    let mut text = SMALL.to_owned();
    for line in policies.lines() {
        text.push_str("      ");
        text.push_str(line);
        text.push('\n');
    }
    text
}

fn rows(policies: &str) -> Vec<String> {
    findings(&with(policies))
        .iter()
        .map(|finding| row(finding))
        .collect()
}

#[test]
fn what_no_policy_permits_is_told_without_a_name() {
    assert_eq!(
        rows("permit (principal, action, resource == Field::\"email\");"),
        [
            "flows C-1 warning e1 policy:none shop ada phone e1",
            "flows C-1 warning e2 policy:none shop ada phone e1+e2",
        ]
    );
}

#[test]
fn each_deciding_policy_makes_its_finding_and_an_error_is_never_silence() {
    let policies = "permit (principal, action, resource);\n\
        @id(\"b\")\n\
        forbid (principal, action == Action::\"share\", resource == Field::\"email\");\n\
        @id(\"a\") @clause(\"C-2\") @severity(\"error\")\n\
        forbid (principal, action == Action::\"share\", resource);\n\
        @id(\"sum\")\n\
        forbid (principal, action == Action::\"collect\", resource) when { 9223372036854775807 + 1 > 0 };";
    assert_eq!(
        rows(policies),
        [
            "flows C-1 warning e1 policy-error:sum shop ada email+phone e1",
            "flows C-1 warning e2 policy:b shop ada email e1+e2",
            "flows C-2 error e2 policy:a shop ada email+phone e1+e2",
        ]
    );
}

#[test]
fn kinds_of_act_and_actors_limit_the_rule() {
    let forbid_all =
        "permit (principal, action, resource);\n@id(\"all\")\nforbid (principal, action, resource);\n";
    let count = |keys: &str| {
        let text = with(forbid_all).replace("    check: policy\n", &format!("    check: policy\n{keys}"));
        findings(&text).len()
    };
    assert_eq!(count(""), 2);
    assert_eq!(count("    acts: share\n"), 1);
    assert_eq!(count("    acts: [share, collect]\n"), 2);
    assert_eq!(count("    processor: bank\n"), 0);
}

#[cfg(feature = "rocksdb")]
#[test]
fn a_store_keeps_the_policies_with_the_rule() {
    use wherefore::db::{AsOf, Batch, Db, Mode};
    use wherefore::model::time::Instant;

    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/flow-policies");
    let text = std::fs::read_to_string(folder.join("clinic.yaml")).unwrap();
    let read = || import::read_beside(&text, "clinic.yaml", Format::Yaml, Some(&folder), &|_| ()).unwrap();
    let alone = Snapshot::of_document(read());
    let place = tempfile::tempdir().unwrap();
    let at = Instant::parse("2025-06-01T00:00:00Z").unwrap();
    {
        let db = Db::open(place.path(), Mode::Create, AsOf::Fixed(at)).unwrap();
        db.commit(Batch::of(read()), at).unwrap();
    }
    let db = Db::open(place.path(), Mode::Read, AsOf::Fixed(at)).unwrap();
    assert_eq!(
        db.snapshot()
            .findings(None)
            .unwrap()
            .iter()
            .map(|finding| row(finding))
            .collect::<Vec<_>>(),
        alone
            .findings(None)
            .unwrap()
            .iter()
            .map(|finding| row(finding))
            .collect::<Vec<_>>()
    );
}
