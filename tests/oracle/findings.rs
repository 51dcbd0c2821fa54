//! docs/checks.md 9: merging, the order of findings, and how a finding is written. docs/fact-file.md 7: which check a rule asks for.

use super::facts::{self, Event, Facts, Instant, Rule};
use super::lookups::{
    as_judged, field, field_in_categories, organization, print_instant, purpose_under_any, within_any,
};
use super::replay::{Replay, replay};
use super::{
    authorized, checks_acquiring, checks_delegation, checks_descent, checks_duties, checks_ending,
    checks_grounds, checks_keeping, checks_limits, checks_policies, checks_records, checks_righting,
    checks_sending, checks_sources,
};
use serde_json::{Map, Value, json};

/// What a finding points at: exactly one of event or fact.
#[derive(Clone, Copy, PartialEq)]
pub enum Kind {
    Event,
    Fact,
}

#[derive(Clone)]
pub struct Finding {
    pub rule: String,
    pub clause: String,
    pub severity: String,
    pub reason: String,
    pub at: Instant,
    /// Of a standing act: when it is wrong.
    pub during: Vec<(Instant, Option<Instant>)>,
    pub kind: Kind,
    pub thing: String,
    pub processor: String,
    pub subjects: Vec<String>,
    pub fields: Vec<String>,
    pub because: Vec<String>,
    pub witness: Vec<String>,
}

/// What a check says; sorted and merged by [`Case::report`].
pub struct Report<'a> {
    pub reason: String,
    pub at: Instant,
    pub kind: Kind,
    pub thing: &'a str,
    pub processor: &'a str,
    pub subjects: Vec<String>,
    pub fields: Vec<String>,
    pub because: Vec<String>,
    pub witness: Vec<usize>,
}

/// The facts, their replay, and the findings made so far, in the order of making.
pub struct Case<'a> {
    pub facts: &'a Facts,
    pub replay: &'a Replay,
    pub made: Vec<Finding>,
}

/// docs/fact-file.md 7: `only` "leaves out every finding that does not fit all keys given".
pub fn only_fits(
    facts: &Facts,
    rule: &Rule,
    (event, processor, at, reason): (Option<&Event>, &str, Instant, &str),
    about: &[String],
) -> bool {
    let only = rule.parameters.get("only").unwrap_or(&Value::Null);
    let fits = |key: &str, fits: &dyn Fn(&[String]) -> bool| {
        let listed = facts::list(only, key);
        listed.is_empty() || fits(&listed)
    };
    let word = reason.split(':').next().expect("a first part");
    fits("processors", &|all| within_any(facts, processor, all, at))
        && fits("categories", &|all| {
            about.iter().any(|f| field_in_categories(facts, f, all))
        })
        && fits("fields", &|all| about.iter().any(|f| all.contains(f)))
        && fits("states", &|all| {
            about.iter().any(|f| all.contains(&field(facts, f).state))
        })
        && fits("purposes", &|all| {
            event.is_some_and(|event| purpose_under_any(facts, event.purpose.as_ref(), all))
        })
        && fits("acts", &|all| event.is_some_and(|event| all.contains(&event.act)))
        && fits("reasons", &|all| {
            all.iter().any(|listed| listed == word || listed == reason)
        })
}

impl Case<'_> {
    /// docs/checks.md 9: subjects, fields, because: sorted, no doubles.
    pub fn report(&mut self, rule: &Rule, report: Report) {
        let event = self
            .facts
            .events
            .iter()
            .find(|event| report.kind == Kind::Event && event.id == report.thing);
        let of = (event, report.processor, report.at, report.reason.as_str());
        if !only_fits(self.facts, rule, of, &report.fields) {
            return;
        }
        self.made.push(Finding {
            rule: rule.id.clone(),
            clause: rule.clause.clone(),
            severity: rule.severity.clone(),
            reason: report.reason,
            at: report.at,
            during: Vec::new(),
            kind: report.kind,
            thing: report.thing.to_string(),
            processor: report.processor.to_string(),
            subjects: self.facts.fold(sorted(report.subjects)),
            fields: sorted(report.fields),
            because: sorted(report.because),
            witness: report
                .witness
                .iter()
                .map(|e| self.facts.events[*e].id.clone())
                .collect(),
        });
    }
}

pub fn sorted(mut items: Vec<String>) -> Vec<String> {
    items.sort();
    items.dedup();
    items
}

/// docs/checks.md: an optional `processor` parameter, one|list; absent takes every processor.
pub fn processor_taken(facts: &Facts, rule: &Rule, processor: &str, t: Instant) -> bool {
    let listed = facts::list(&rule.parameters, "processor");
    listed.is_empty() || within_any(facts, processor, &listed, t)
}

/// All findings of a file, in the order of docs/checks.md 9, with ids `F01`, `F02`, …
pub fn findings(file: &Value) -> Vec<Value> {
    let mut facts = facts::read(file);
    let replay = replay(&facts);
    // docs/checks.md 1.6: "in all tables of this page"
    let at_instants = |event: &Event| event.standing.is_none();
    let judged: Vec<Event> = facts
        .events
        .iter()
        .map(|event| {
            if at_instants(event) {
                as_judged(&facts, event)
            } else {
                event.clone()
            }
        })
        .collect();
    facts.events = judged;
    let mut case = Case {
        facts: &facts,
        replay: &replay,
        made: Vec::new(),
    };
    judge_all(&mut case);
    super::standing::judge(&mut case);
    // "sorted by (instant, rule id, event or fact, processor, subjects, fields) … Ties keep this order of making"
    case.made.sort_by(|a, b| {
        (a.at, &a.rule, &a.thing, &a.processor, &a.subjects, &a.fields).cmp(&(
            b.at,
            &b.rule,
            &b.thing,
            &b.processor,
            &b.subjects,
            &b.fields,
        ))
    });
    case.made
        .iter()
        .enumerate()
        .map(|(i, finding)| write(&facts, i + 1, finding))
        .collect()
}

/// All rules, in the order of making.
pub fn judge_all(case: &mut Case) {
    authorized::judge(case);
    for rule in &case.facts.rules {
        judge_rule(case, rule);
    }
}

/// One rule of any check but `authorized`, which is judged over all its rules together.
fn judge_rule(case: &mut Case, rule: &Rule) {
    match rule.check.as_str() {
        "authorized" => {}
        "prohibited-category" => checks_acquiring::prohibited_category(case, rule),
        "lawful-source" => checks_acquiring::lawful_source(case, rule),
        "necessity" => checks_acquiring::necessity(case, rule),
        "frequency" => checks_acquiring::frequency(case, rule),
        "bundled-consent" => checks_acquiring::bundled_consent(case, rule),
        "alternative-offered" => checks_acquiring::alternative_offered(case, rule),
        "storage-location" => checks_sending::storage_location(case, rule),
        "transfer-mechanism" => checks_sending::transfer_mechanism(case, rule),
        "transfer-confidentiality" => checks_sending::transfer_confidentiality(case, rule),
        "safeguard" => checks_sending::safeguard(case, rule),
        "recipient-assessed" => checks_sending::recipient_assessed(case, rule),
        "impact-assessment" => checks_sending::impact_assessment(case, rule),
        "state-required" => checks_sending::state_required(case, rule),
        "optout" => checks_sending::optout(case, rule),
        "stop-access" => checks_sending::stop_access(case, rule),
        "flow-supported" => checks_sending::flow_supported(case, rule),
        "retention" => checks_keeping::retention(case, rule),
        "retention-declared" => checks_keeping::retention_declared(case, rule),
        "closure" => checks_keeping::closure(case, rule),
        "deletion-effective" => checks_ending::deletion_effective(case, rule),
        "deletion-propagated" => checks_ending::deletion_propagated(case, rule),
        "reidentification" => checks_ending::reidentification(case, rule),
        "protected-attribute" => checks_ending::protected_attribute(case, rule),
        "delegation" => checks_delegation::delegation(case, rule),
        "assignment-notice" => checks_delegation::assignment_notice(case, rule),
        "policy-notice" => checks_records::policy_notice(case, rule),
        "incident-notice" => checks_records::incident_notice(case, rule),
        "request-deadline" => checks_records::request_deadline(case, rule),
        "refusal-reason" => checks_records::refusal_reason(case, rule),
        "protection-level" => checks_records::protection_level(case, rule),
        "audit-remedied" => checks_records::audit_remedied(case, rule),
        "evidence" => checks_records::evidence(case, rule),
        "joint" => checks_delegation::joint(case, rule),
        "consent-record" => checks_grounds::consent_record(case, rule),
        "ground" => checks_grounds::ground(case, rule),
        "ground-recognized" => checks_grounds::ground_recognized(case, rule),
        "restriction" => checks_righting::restriction(case, rule),
        "correction-propagated" => checks_righting::correction_propagated(case, rule),
        _ => judge_further(case, rule),
    }
}

/// The rest of the checks.
fn judge_further(case: &mut Case, rule: &Rule) {
    match rule.check.as_str() {
        "public-source" => checks_sources::public_source(case, rule),
        "source-warranty" => checks_sources::source_warranty(case, rule),
        "embedded-party" => checks_sources::embedded_party(case, rule),
        "authority-report" => checks_sources::authority_report(case, rule),
        "partner-relation" => checks_sources::partner_relation(case, rule),
        "tainted" => checks_descent::tainted(case, rule),
        "state-supported" => checks_descent::state_supported(case, rule),
        "implied-acceptance" => checks_descent::implied_acceptance(case, rule),
        "assignment-ground" => checks_descent::assignment_ground(case, rule),
        "declared-period" => checks_limits::declared_period(case, rule),
        "minimum-retention" => checks_limits::minimum_retention(case, rule),
        "purpose-ended" => checks_limits::purpose_ended(case, rule),
        "never-used" => checks_limits::never_used(case, rule),
        "ceasing" => checks_limits::ceasing(case, rule),
        "declared" => checks_policies::declared(case, rule),
        "service-policy" => checks_policies::service_policy(case, rule),
        "change-notice" => checks_policies::change_notice(case, rule),
        "prior-notice" => checks_policies::prior_notice(case, rule),
        "policy-rights" => checks_policies::policy_rights(case, rule),
        "least-privilege" => checks_duties::least_privilege(case, rule),
        "incident-content" => checks_duties::incident_content(case, rule),
        "incident-found" => checks_duties::incident_found(case, rule),
        "identity-verified" => checks_duties::identity_verified(case, rule),
        "deceased" => checks_duties::deceased(case, rule),
        "audit-independent" => checks_duties::audit_independent(case, rule),
        "audit-due" => checks_duties::audit_due(case, rule),
        "protection-held" => checks_duties::protection_held(case, rule),
        other => panic!("unknown check {other}"),
    }
}

/// docs/checks.md 9: empty keys are left out.
fn write(facts: &Facts, number: usize, finding: &Finding) -> Value {
    let mut out = Map::new();
    out.insert("id".into(), json!(format!("F{number:02}")));
    out.insert("rule".into(), json!(finding.rule));
    out.insert("clause".into(), json!(finding.clause));
    out.insert("severity".into(), json!(finding.severity));
    out.insert("reason".into(), json!(finding.reason));
    out.insert("at".into(), json!(print_instant(&facts.timezone, finding.at)));
    if !finding.during.is_empty() {
        let print = |t: &Instant| json!(print_instant(&facts.timezone, *t));
        let stretch =
            |(from, until): &(Instant, Option<Instant>)| json!([print(from), until.as_ref().map(print)]);
        let all: Vec<Value> = finding.during.iter().map(stretch).collect();
        out.insert("during".into(), json!(all));
    }
    let key = match finding.kind {
        Kind::Event => "event",
        Kind::Fact => "fact",
    };
    out.insert(key.into(), json!(finding.thing));
    out.insert("processor".into(), json!(finding.processor));
    let owner = organization(facts, &finding.processor, finding.at);
    if owner != finding.processor {
        out.insert("owner".into(), json!(owner));
    }
    for (key, items) in [
        ("subjects", &finding.subjects),
        ("fields", &finding.fields),
        ("because", &finding.because),
        ("witness", &finding.witness),
    ] {
        if !items.is_empty() {
            out.insert(key.into(), json!(items));
        }
    }
    Value::Object(out)
}
