//! SARIF 2.1.0, the format of code-scanning pages: each finding with its rule, its place, and its chain of acts as a
//! code flow that a viewer can walk.

use serde_json::{Map, Value, json};

use super::checked::{Checked, Note, RuleInfo, Standing};
use super::plain;
use crate::model::fact::Suppression;
use crate::model::finding::{Finding, Step};
use crate::model::id::{FactId, FieldId, SubjectId};
use crate::model::place::Place;
use crate::model::time::Zone;
use crate::model::word::Severity;

/// Letters that stand for themselves in a relative URI.
const URI_PLAIN: &[u8] = b"-._~/!$&'()*+,;=@";

/// The whole log: one run.
pub fn log(checked: &Checked<'_>) -> Value {
    let rules: Vec<Value> = checked.rules.iter().map(descriptor).collect();
    let results: Vec<Value> = checked
        .numbered()
        .map(|(_, finding, standing)| result(checked, finding, standing))
        .collect();
    let mut run = Map::new();
    run.insert(
        "tool".to_owned(),
        json!({"driver": {
            "name": "wherefore",
            "version": env!("CARGO_PKG_VERSION"),
            "semanticVersion": env!("CARGO_PKG_VERSION"),
            "rules": rules,
        }}),
    );
    run.insert("invocations".to_owned(), json!([invocation(checked)]));
    run.insert("columnKind".to_owned(), "unicodeCodePoints".into());
    run.insert("results".to_owned(), results.into());
    run.insert("properties".to_owned(), checked.ground.value());
    json!({
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [run],
    })
}

/// The run itself; notes are notifications about it.
fn invocation(checked: &Checked<'_>) -> Value {
    let mut map = Map::new();
    map.insert("executionSuccessful".to_owned(), true.into());
    if !checked.notes.is_empty() {
        let notes: Vec<Value> = checked.notes.iter().map(notification).collect();
        map.insert("toolExecutionNotifications".to_owned(), notes.into());
    }
    map.into()
}

fn notification(note: &Note) -> Value {
    let mut map = Map::new();
    map.insert("descriptor".to_owned(), json!({"id": note.code}));
    map.insert("level".to_owned(), "note".into());
    map.insert("message".to_owned(), message(&note.text));
    if let Some(place) = &note.place {
        map.insert(
            "locations".to_owned(),
            json!([{"physicalLocation": physical(place)}]),
        );
    }
    map.into()
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

fn descriptor(rule: &RuleInfo) -> Value {
    let (demand, check, clause) = (&rule.demand, &rule.check, &rule.clause);
    let full = plain::visible(&format!("{demand} Clause {clause}, check `{check}`."));
    let help = help(rule, &full);
    let mut map = Map::new();
    let mut put = |key: &str, value: Value| {
        map.insert(key.to_owned(), value);
    };
    put("id", rule.id.as_str().into());
    put("shortDescription", json!({"text": demand}));
    put("fullDescription", json!({"text": full}));
    put(
        "help",
        match &rule.about.link {
            Some(link) => {
                json!({"text": help, "markdown": format!("{}\n\n[{}]({link})", markdown(&help), markdown(clause))})
            }
            None => json!({"text": help}),
        },
    );
    if let Some(link) = &rule.about.link {
        put("helpUri", link.as_str().into());
    }
    put("defaultConfiguration", json!({"level": level(rule.severity)}));
    put(
        "properties",
        json!({"clause": clause, "check": check, "tags": ["privacy"]}),
    );
    map.into()
}

/// What the rule demands, what the clause asks, the law it stands for, and what to do.
fn help(rule: &RuleInfo, full: &str) -> String {
    let about = &rule.about;
    let mut out = full.to_owned();
    let mut say = |text: String| {
        out.push(' ');
        out.push_str(&plain::visible(&text));
    };
    if let Some(asks) = &about.asks {
        say(format!("It asks: {asks}"));
    }
    if about.voluntary {
        say("It is a voluntary standard.".to_owned());
    }
    if !about.law.is_empty() {
        say(format!("Law: {}.", about.law.join(", ")));
    }
    if let Some(advice) = &about.advice {
        say(format!("What to do: {advice}"));
    }
    out
}

/// Text that Markdown takes for nothing else.
fn markdown(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if "\\`*_{}[]()<>#+!|&".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

fn result(checked: &Checked<'_>, finding: &Finding, standing: Standing<'_>) -> Value {
    let mut map = Map::new();
    let mut put = |key: &str, value: Value| {
        map.insert(key.to_owned(), value);
    };
    put("ruleId", finding.rule.as_str().into());
    if let Some(index) = checked
        .rules
        .iter()
        .position(|rule| rule.id == finding.rule.as_str())
    {
        put("ruleIndex", index.into());
    }
    // Tools that count levels must not count what fails nothing.
    let severity = if standing.is_supposed {
        Severity::Note
    } else {
        finding.severity
    };
    put("level", level(severity).into());
    put("message", message(&finding.sentence));
    if let Some(place) = checked.place(finding) {
        put("locations", json!([{"physicalLocation": physical(place)}]));
    }
    if !finding.witness.is_empty() {
        let steps: Vec<Value> = finding
            .witness
            .iter()
            .map(|step| flow_location(checked, step))
            .collect();
        put("codeFlows", json!([{"threadFlows": [{"locations": steps}]}]));
    }
    put("partialFingerprints", fingerprints(finding));
    if checked.comparison.is_some() {
        put(
            "baselineState",
            if standing.is_known { "unchanged" } else { "new" }.into(),
        );
    }
    let zone = checked.ground.zone;
    // The format wants the key in all results of a run or in none.
    if checked.today.is_some() {
        put(
            "suppressions",
            standing.suppressed.iter().map(|x| suppression(x, zone)).collect(),
        );
    }
    let subjects: Vec<&str> = finding.subjects.iter().map(SubjectId::as_str).collect();
    let fields: Vec<&str> = finding.fields.iter().map(FieldId::as_str).collect();
    let mut properties = json!({
        "clause": finding.clause,
        "reason": finding.reason,
        "processor": finding.processor.as_str(),
        "subjects": subjects,
        "fields": fields,
        "because": finding.because,
        "at": super::json::when(finding.at, finding.between, zone),
    });
    if let Some(certainty) = finding.certainty {
        properties["certainty"] = certainty.as_str().into();
    }
    if !finding.placement.is_empty() {
        properties["placement"] = super::json::placement(&finding.placement, zone);
    }
    if !finding.supposes.is_empty() {
        let acts: Vec<&str> = finding.supposes.iter().map(FactId::as_str).collect();
        properties["supposes"] = acts.into();
    }
    if !finding.during.is_empty() {
        properties["during"] = super::json::stretches(&finding.during, zone);
    }
    if let Some(owner) = &finding.owner {
        properties["owner"] = owner.as_str().into();
    }
    let mut beside = |key: &str, words: &[&str]| {
        if !words.is_empty() {
            properties[key] = words.into();
        }
    };
    beside("for", finding.whom.words());
    let law: Vec<&str> = finding.about.law.iter().map(String::as_str).collect();
    beside("law", &law);
    if let Some(advice) = &finding.about.advice {
        properties["advice"] = advice.as_str().into();
    }
    put("properties", properties);
    map.into()
}

fn suppression(suppression: &Suppression, zone: &Zone) -> Value {
    json!({
        "kind": "external",
        "status": "accepted",
        "justification": plain::visible(&suppression.why),
        "properties": {"id": suppression.id.as_str(), "by": suppression.by, "until": zone.print(suppression.until)},
    })
}

fn flow_location(checked: &Checked<'_>, step: &Step) -> Value {
    let mut location = Map::new();
    if let Some(place) = &step.place {
        location.insert("physicalLocation".to_owned(), physical(place));
    }
    let line = super::text::act(step, checked.ground.zone);
    location.insert("message".to_owned(), message(&line));
    json!({"location": location})
}

/// A message. SARIF takes `[text](target)` for a link; an identifier must not make one.
fn message(text: &str) -> Value {
    json!({"text": plain::visible(text).replace("](", "] (")})
}

fn physical(place: &Place) -> Value {
    json!({
        "artifactLocation": {"uri": uri(plain::path(place))},
        "region": {"startLine": place.line, "startColumn": place.column},
    })
}

/// One key for each field, so that a viewer sees which field is new.
fn fingerprints(finding: &Finding) -> Value {
    let key = |number: usize| match finding.fields.get(number) {
        Some(field) => format!("wherefore/v1/{field}"),
        None => format!("wherefore/v1/{number}"),
    };
    let one = |(number, print): (usize, &String)| (key(number), Value::from(print.as_str()));
    finding.fingerprints.iter().enumerate().map(one).collect()
}

/// A path as a URI reference: relative stays relative, and what a URI cannot hold is written as `%20`.
fn uri(path: &str) -> String {
    use std::fmt::Write as _;
    let mut out = String::new();
    if path.starts_with('/') {
        out.push_str("file://");
    }
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || URI_PLAIN.contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}
