//! Findings and answers as JSON, with the keys of the expected-findings file. Keys come in a fixed order and empty
//! ones are left out, so that two runs print the same bytes.

use std::borrow::Borrow;

use serde_json::{Map, Value, json};

use super::checked::{Checked, Note};
use super::rows;
use crate::model::appendix::Appendix;
use crate::model::comparison::{Comparison, HeldCopy, Moment};
use crate::model::finding::{Culprit, Finding, Step};
use crate::model::id::FactId;
use crate::model::question::{Answer, Crossing, Found, Question};
use crate::model::recorded::RecordTime;
use crate::model::time::{Instant, Stretch, Zone};
use crate::model::word::Verdict;

/// From which state of the facts something is told.
#[derive(Clone, Debug)]
pub struct Ground<'a> {
    /// Last commit; `None` for a fact file.
    pub sequence: Option<u64>,
    /// Hash chain up to it; `None` for a fact file.
    pub head: Option<String>,
    /// The instant asked for.
    pub as_of: Instant,
    /// The moment of the record up to which the facts are known, when one was asked for.
    pub known_at: Option<RecordTime>,
    /// For printing.
    pub zone: &'a Zone,
}

impl Ground<'_> {
    /// Instant, sequence and head as an object.
    pub fn value(&self) -> Value {
        let mut map = Map::new();
        self.put(&mut map);
        map.into()
    }

    fn put(&self, map: &mut Map<String, Value>) {
        map.insert("as_of".to_owned(), self.zone.print(self.as_of).into());
        put_known_at(map, self.known_at, self.zone);
        if let (Some(sequence), Some(head)) = (self.sequence, &self.head) {
            map.insert("sequence".to_owned(), sequence.into());
            map.insert("head".to_owned(), head.as_str().into());
        }
    }
}

/// All findings: `{"as_of": …, "finding_count": n, "clauses_violated": […], "findings": […]}`.
pub fn findings(findings: &[impl Borrow<Finding>], ground: &Ground<'_>) -> Value {
    let mut clauses: Vec<&str> = findings
        .iter()
        .map(|finding| finding.borrow().clause.as_str())
        .collect();
    clauses.sort_unstable();
    clauses.dedup();
    let list: Vec<Value> = (1..)
        .zip(findings)
        .map(|(number, found)| finding(number, found.borrow(), ground.zone))
        .collect();
    let mut map = Map::new();
    ground.put(&mut map);
    map.insert("finding_count".to_owned(), findings.len().into());
    map.insert("clauses_violated".to_owned(), json!(clauses));
    map.insert("findings".to_owned(), list.into());
    map.into()
}

/// The same for a check. Each finding says what excuses it: `known`, `suppressed` (an id or a list of ids), `later`.
/// Before the findings stand, where there is something to say, `baseline` (how many are new and known), `today`,
/// `suppressed_count`, `horizon` and `notes`.
pub fn checked(checked: &Checked<'_>) -> Value {
    let mut value = findings(checked.findings, checked.ground);
    if let Some(map) = value
        .as_object_mut()
        .filter(|_| *checked.appendix != Appendix::default())
    {
        let beside = super::appendix::json(checked.appendix, checked.ground.zone);
        map.shift_insert(map.len().saturating_sub(1), "appendix".to_owned(), beside);
    }
    let Some(map) = value.as_object_mut() else {
        return value;
    };
    if let Some(list) = map.get_mut("findings").and_then(Value::as_array_mut) {
        for (found, (_, _, standing)) in list.iter_mut().zip(checked.numbered()) {
            let Some(found) = found.as_object_mut() else {
                continue;
            };
            let mut put = |key: &str, value: Value| {
                found.insert(key.to_owned(), value);
            };
            if standing.is_known {
                put("known", true.into());
            }
            match standing.suppressed {
                [] => {}
                [one] => put("suppressed", one.id.as_str().into()),
                several => put(
                    "suppressed",
                    several.iter().map(|x| Value::from(x.id.as_str())).collect(),
                ),
            }
            if standing.is_later {
                put("later", true.into());
            }
        }
    }
    let mut put = |key: &str, value: Value| {
        map.shift_insert(map.len().saturating_sub(1), key.to_owned(), value);
    };
    if let Some(comparison) = checked.comparison {
        put(
            "baseline",
            json!({"new": comparison.new_count(), "known": comparison.known_count(), "gone": comparison.gone}),
        );
    }
    let zone = checked.ground.zone;
    if let Some(today) = checked.today {
        put("today", zone.print(today).into());
        put("suppressed_count", checked.suppressed_count().into());
    }
    if let Some(horizon) = checked.horizon {
        put("horizon", zone.print(horizon).into());
    }
    if !checked.mended.is_empty() {
        put(
            "mended",
            checked.mended.iter().map(|found| mended(found, zone)).collect(),
        );
    }
    if !checked.notes.is_empty() {
        put("notes", checked.notes.iter().map(note).collect());
    }
    value
}

/// A finding of another state: its number means nothing here.
fn mended(found: &Finding, zone: &Zone) -> Value {
    let mut value = finding(1, found, zone);
    if let Some(map) = value.as_object_mut() {
        map.shift_remove("id");
    }
    value
}

fn note(note: &Note) -> Value {
    let mut map = Map::new();
    map.insert("code".to_owned(), note.code.into());
    map.insert("text".to_owned(), note.text.as_str().into());
    if let Some(place) = &note.place {
        map.insert("place".to_owned(), place.to_string().into());
    }
    map.into()
}

/// What changed: `{"ask": "compare", "verdict": …, "before": {…}, "after": {…}, "copies": {"added": […], "removed": […]},
/// "authorizations": …, "findings": …}`.
pub fn comparison(comparison: &Comparison, ground: &Ground<'_>) -> Value {
    let zone = ground.zone;
    let moment = |moment: &Moment| {
        let mut map = Map::new();
        map.insert("as_of".to_owned(), zone.print(moment.as_of).into());
        put_known_at(&mut map, moment.known_at, zone);
        Value::from(map)
    };
    let copies = |list: &[HeldCopy]| -> Value {
        list.iter()
            .map(|copy| {
                json!({
                    "processor": copy.processor.as_str(),
                    "field": copy.field.as_str(),
                    "subject": copy.subject.as_str(),
                    "via": copy.via.as_str(),
                    "role": copy.role.as_str(),
                    "since": zone.print(copy.since),
                })
            })
            .collect()
    };
    let findings = |list: &[Finding]| -> Value {
        (1..)
            .zip(list)
            .map(|(number, found)| finding(number, found, zone))
            .collect()
    };
    let verdict = if comparison.is_empty() {
        Verdict::No
    } else {
        Verdict::Yes
    };
    let mut map = Map::new();
    let mut put = |key: &str, value: Value| {
        map.insert(key.to_owned(), value);
    };
    put("ask", "compare".into());
    put("verdict", verdict.as_str().into());
    put("before", moment(&comparison.before));
    put("after", moment(&comparison.after));
    let (held, granted, found) = (
        &comparison.copies,
        &comparison.authorizations,
        &comparison.findings,
    );
    put(
        "copies",
        json!({"added": copies(&held.added), "removed": copies(&held.removed)}),
    );
    put(
        "authorizations",
        json!({"added": texts(&granted.added), "removed": texts(&granted.removed)}),
    );
    put(
        "findings",
        json!({"added": findings(&found.added), "removed": findings(&found.removed)}),
    );
    if let (Some(sequence), Some(head)) = (ground.sequence, &ground.head) {
        put("sequence", sequence.into());
        put("head", head.as_str().into());
    }
    map.into()
}

fn put_known_at(map: &mut Map<String, Value>, known_at: Option<RecordTime>, zone: &Zone) {
    match known_at {
        Some(RecordTime::At(at)) => {
            map.insert("as_known_at".to_owned(), zone.print(at).into());
        }
        Some(RecordTime::Number(number)) => {
            map.insert("as_known_at".to_owned(), number.into());
        }
        None => {}
    }
}

/// One finding; `number` counts from 1 and becomes `F01`.
pub fn finding(number: usize, finding: &Finding, zone: &Zone) -> Value {
    let mut map = Map::new();
    let mut put = |key: &str, value: Value| {
        let is_empty = matches!(&value, Value::Array(list) if list.is_empty());
        if !is_empty {
            map.insert(key.to_owned(), value);
        }
    };
    put("id", format!("F{number:02}").into());
    put("rule", finding.rule.as_str().into());
    put("clause", finding.clause.as_str().into());
    put("severity", finding.severity.as_str().into());
    put("reason", finding.reason.as_str().into());
    put("at", when(finding.at, finding.between, zone));
    if let Some(certainty) = finding.certainty {
        put("certainty", certainty.as_str().into());
    }
    if !finding.placement.is_empty() {
        put("placement", placement(&finding.placement, zone));
    }
    put("supposes", texts(&finding.supposes));
    put("during", stretches(&finding.during, zone));
    match &finding.culprit {
        Culprit::Event(id) => put("event", id.as_str().into()),
        Culprit::Fact(name) => put("fact", name.as_str().into()),
    }
    put("processor", finding.processor.as_str().into());
    if let Some(owner) = &finding.owner {
        put("owner", owner.as_str().into());
    }
    put("subjects", texts(&finding.subjects));
    put("for", texts(finding.whom.words()));
    put("fields", texts(&finding.fields));
    put("because", texts(&finding.because));
    put("witness", acts(&finding.witness));
    put("why", finding.sentence.as_str().into());
    put("law", texts(&finding.about.law));
    if let Some(advice) = &finding.about.advice {
        put("advice", advice.as_str().into());
    }
    if let Some(link) = &finding.about.link {
        put("link", link.as_str().into());
    }
    if finding.about.voluntary {
        put("voluntary", true.into());
    }
    put("fingerprints", texts(&finding.fingerprints));
    if let Some(place) = &finding.place {
        put("place", place.to_string().into());
    }
    map.into()
}

/// An instant, or its bounds where only they are known.
pub fn when(at: Instant, between: Option<(Instant, Instant)>, zone: &Zone) -> Value {
    match between {
        Some((earliest, latest)) => json!({"earliest": zone.print(earliest), "latest": zone.print(latest)}),
        None => zone.print(at).into(),
    }
}

/// Where acts of uncertain times are taken to be: `{ACT: instant}`.
pub(super) fn placement(acts: &[(FactId, Instant)], zone: &Zone) -> Value {
    let one = |(act, at): &(FactId, Instant)| (act.to_string(), Value::from(zone.print(*at)));
    acts.iter().map(one).collect::<Map<String, Value>>().into()
}

/// A stretch of time: its beginning and its end, `null` when it has none.
fn stretch((from, until): Stretch, zone: &Zone) -> Value {
    json!([zone.print(from), until.map(|until| zone.print(until))])
}

/// Stretches of time, each as its beginning and end.
pub fn stretches(list: &[Stretch], zone: &Zone) -> Value {
    list.iter().map(|one| stretch(*one, zone)).collect()
}

/// The answer to a question. `answer` is `true` or `false` for reach and a list for the others; a reach answer has
/// `witness` and `arrivals` beside it, also when they are empty.
pub fn answer(question: &Question, answer: &Answer, ground: &Ground<'_>) -> Value {
    let mut map = Map::new();
    let mut put = |key: &str, value: Value| {
        map.insert(key.to_owned(), value);
    };
    put("ask", question.kind().into());
    put("verdict", answer.verdict.as_str().into());
    if !answer.unsure.placement.is_empty() {
        put("placement", placement(&answer.unsure.placement, ground.zone));
    }
    if !answer.unsure.possible.is_empty() {
        put("possible", texts(&answer.unsure.possible));
    }
    match &answer.found {
        Found::Reach(reached) => {
            put("answer", (answer.verdict == Verdict::Yes).into());
            put("witness", acts(&reached.witness));
            if !reached.is_order_proven {
                put("order", "not-proven".into());
            }
            put("arrivals", texts(&reached.arrivals));
            put("contradicted", texts(&reached.contradicted));
            put("boundary", texts(&reached.boundary));
            put("steps", steps(&reached.witness, ground.zone));
        }
        Found::Holders(holders) => put("answer", texts(holders)),
        Found::Purposes(pairs) => {
            let rows: Vec<Value> = pairs
                .iter()
                .map(|(a, b)| json!([a.as_str(), b.as_str()]))
                .collect();
            put("answer", rows.into());
        }
        Found::Downstream(pairs) => {
            let rows: Vec<Value> = pairs
                .iter()
                .map(|(a, b)| json!([a.as_str(), b.as_str()]))
                .collect();
            put("answer", rows.into());
        }
        Found::Sources(triples) => {
            let row = |(a, b, c): &(_, _, _)| row(a, b, c);
            put("answer", triples.iter().map(row).collect());
        }
        Found::Rows(list) => put(
            "rows",
            list.iter().map(|row| rows::json(row, ground.zone)).collect(),
        ),
        Found::Crossings(crossings) => {
            put(
                "answer",
                crossings
                    .iter()
                    .map(|crossing| Value::from(name(crossing)))
                    .collect(),
            );
            put(
                "crossings",
                crossings.iter().map(|c| crossing(c, ground.zone)).collect(),
            );
        }
    }
    let reasons: Vec<Value> = answer
        .reasons
        .iter()
        .map(|reason| json!({"code": reason.code, "text": reason.text}))
        .collect();
    put("reasons", reasons.into());
    ground.put(&mut map);
    map.into()
}

fn row(
    a: &crate::model::id::ProcessorId,
    b: &crate::model::id::FieldId,
    c: &crate::model::id::FactId,
) -> Value {
    json!([a.as_str(), b.as_str(), c.as_str()])
}

/// How a crossing is named: its act, or `move:PROCESSOR:COUNTRY`.
pub fn name(crossing: &Crossing) -> String {
    match crossing {
        Crossing::Act { step, .. } => step.act.to_string(),
        Crossing::Move {
            processor, country, ..
        } => format!("move:{processor}:{country}"),
    }
}

fn crossing(crossing: &Crossing, zone: &Zone) -> Value {
    match crossing {
        Crossing::Act { step, mechanisms } => {
            let mut map = step_map(step, zone);
            map.insert("mechanisms".to_owned(), texts(mechanisms));
            map.into()
        }
        Crossing::Move {
            processor,
            country,
            at,
            fields,
        } => json!({
            "fact": format!("move:{processor}:{country}"),
            "at": zone.print(*at),
            "processor": processor.as_str(),
            "country": country.as_str(),
            "fields": texts(fields),
        }),
    }
}

/// The acts of a witness with all that is known of them.
pub fn steps(steps: &[Step], zone: &Zone) -> Value {
    steps
        .iter()
        .map(|step| Value::from(step_map(step, zone)))
        .collect()
}

fn step_map(step: &Step, zone: &Zone) -> Map<String, Value> {
    let mut map = Map::new();
    let mut put = |key: &str, value: Option<Value>| {
        if let Some(value) = value {
            map.insert(key.to_owned(), value);
        }
    };
    let list =
        |value: Value| Some(value).filter(|value| value.as_array().is_some_and(|list| !list.is_empty()));
    put("event", Some(step.act.as_str().into()));
    put("at", Some(when(step.at, step.between, zone)));
    put("placed", step.between.map(|_| zone.print(step.at).into()));
    put("active", step.standing.map(|standing| stretch(standing, zone)));
    put("act", Some(step.kind.as_str().into()));
    put("method", step.method.map(|method| method.as_str().into()));
    put("from", step.actor.as_ref().map(|id| id.as_str().into()));
    put("to", step.recipient.as_ref().map(|id| id.as_str().into()));
    put("subjects", list(texts(&step.subjects)));
    put("fields", list(texts(&step.fields)));
    put("makes", list(texts(&step.makes)));
    put("purpose", step.purpose.as_ref().map(|id| id.as_str().into()));
    put(
        "crossing",
        step.crossing
            .as_ref()
            .map(|(from, to)| json!([from.as_str(), to.as_str()])),
    );
    map
}

pub(super) fn acts(steps: &[Step]) -> Value {
    steps.iter().map(|step| Value::from(step.act.as_str())).collect()
}

pub(super) fn texts<T: ToString>(list: &[T]) -> Value {
    list.iter().map(|item| Value::from(item.to_string())).collect()
}
