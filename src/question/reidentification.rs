//! Who could identify de-identified data, and which releases are known not to have been anonymous?

use std::collections::BTreeMap;

use super::judged::Judged;
use super::{AskError, counted};
use crate::graph::replay::Held;
use crate::graph::{ActNo, CopyNo, FieldNo, ProcessorNo, SubjectNo};
use crate::model::finding::Step;
use crate::model::id::{FieldId, SubjectId};
use crate::model::question::{Answer, Reason};
use crate::model::row::Row;
use crate::model::time::Instant;
use crate::model::word::{ActKind, Method, Role};

/// Answers with the processors whose organizations hold, at one time, a de-identified field and the field that is its `key` (`joint`, from
/// the later of the two arrivals on; the witness has two branches), unless they hold what it was made from anyway; then with
/// the releases of anonymized fields that somebody has re-identified until the instant (`known-since`), and those made
/// although it was known (`released-after`).
pub fn answer(judged: &Judged<'_>, subject: Option<&SubjectId>) -> Result<Answer, AskError> {
    let scope = judged.scope;
    if let Some(subject) = subject {
        scope.subject(subject)?;
    }
    let mut rows = joint(judged)?;
    let joints = rows.len();
    rows.extend(released(judged));
    let released = rows.len() - joints;
    let reason = if rows.is_empty() {
        Reason {
            code: "not-identifiable",
            text: "nobody on record holds de-identified data with its key, and nothing anonymized was re-identified"
                .to_owned(),
        }
    } else {
        Reason {
            code: "identifiable",
            text: format!(
                "{} of a de-identified field and its key; {} of what is known not to have been anonymous",
                counted(joints, "joint holding", "joint holdings"),
                counted(released, "release", "releases"),
            ),
        }
    };
    Ok(Answer::of_rows(rows, vec![reason], scope.as_of))
}

/// A stretch of holding without a gap.
#[derive(Clone, Copy)]
struct Life {
    from: Instant,
    until: Option<Instant>,
    first: CopyNo,
}

/// The lives of a holding, until the instant of the question; contradicted copies begin none.
fn lives(judged: &Judged<'_>, processor: ProcessorNo, field: FieldNo, subject: SubjectNo) -> Vec<Life> {
    let replay = judged.scope.replay;
    let mut lives: Vec<Life> = Vec::new();
    let mut last_life = None;
    for number in replay.copies_at(processor, field, subject) {
        let copy = replay.copy(*number);
        if copy.role == Role::Contradicted || copy.start > judged.scope.as_of {
            continue;
        }
        let life = replay.first_of_life(*number);
        if last_life.replace(life) != Some(life) {
            lives.push(Life {
                from: copy.start,
                until: replay.end_of(copy).map(|end| end.at),
                first: *number,
            });
        }
    }
    lives
}

/// The processors that ever may be of one organization with this one, itself first.
fn beside(judged: &Judged<'_>, processor: ProcessorNo) -> Vec<ProcessorNo> {
    let things = &judged.scope.history.things;
    let around = things.ever_around(processor);
    let mut all = vec![processor];
    if things.is_nested() {
        let is_near = |other: &ProcessorNo| {
            things
                .ever_around(*other)
                .iter()
                .any(|outer| around.contains(outer))
        };
        let others = things.processors().all().filter(|other| *other != processor);
        all.extend(others.filter(is_near));
    }
    all
}

fn is_one(judged: &Judged<'_>, a: ProcessorNo, b: ProcessorNo, at: Instant) -> bool {
    a == b || judged.scope.history.things.is_one_organization(a, b, at)
}

/// The first instant, from this one on and up to that of the question, at which the two are of one organization.
fn together(judged: &Judged<'_>, (a, b): (ProcessorNo, ProcessorNo), since: Instant) -> Option<Instant> {
    let things = &judged.scope.history.things;
    let mut instants = vec![since];
    if a != b {
        instants.extend(things.moves_of(a));
        instants.extend(things.moves_of(b));
    }
    let is_meant = |at: &Instant| since <= *at && *at <= judged.scope.as_of;
    instants.retain(is_meant);
    instants.into_iter().filter(|at| is_one(judged, a, b, *at)).min()
}

fn joint(judged: &Judged<'_>) -> Result<Vec<Row>, AskError> {
    let scope = judged.scope;
    let things = &scope.history.things;
    let origins = origins(judged);
    let mut rows: BTreeMap<(Instant, ProcessorNo, FieldNo, SubjectNo), Row> = BTreeMap::new();
    for (holding, _) in scope.replay.holdings() {
        let (processor, masked, subject) = (holding.processor, holding.field, holding.subject);
        let Some(key) = things.key_of(masked) else {
            continue;
        };
        let made_from = origins.get(&masked).map_or(&[][..], Vec::as_slice);
        let others = beside(judged, processor);
        let keys: Vec<(ProcessorNo, Life)> = others
            .iter()
            .flat_map(|other| {
                let keys = lives(judged, *other, key, subject);
                keys.into_iter().map(|life| (*other, life))
            })
            .collect();
        for data in lives(judged, processor, masked, subject) {
            for (other, additional) in &keys {
                let since = data.from.max(additional.from);
                let Some(from) = together(judged, (processor, *other), since) else {
                    continue;
                };
                let is_over = |life: &Life| life.until.is_some_and(|until| until <= from);
                let holds_anyway = others.iter().any(|own| {
                    is_one(judged, processor, *own, from)
                        && made_from.iter().any(|field| {
                            lives(judged, *own, *field, subject)
                                .iter()
                                .any(|life| life.from <= from && !is_over(life))
                        })
                });
                if is_over(&data) || is_over(additional) || holds_anyway {
                    continue;
                }
                let row = joint_row(judged, (from, subject), data.first, additional.first, made_from)?;
                rows.insert((from, processor, masked, subject), row);
            }
        }
    }
    Ok(rows.into_values().collect())
}

/// From what each field was made by a de-identification on record.
fn origins(judged: &Judged<'_>) -> BTreeMap<FieldNo, Vec<FieldNo>> {
    let mut origins: BTreeMap<FieldNo, Vec<FieldNo>> = BTreeMap::new();
    for act in judged.scope.history.acts() {
        if act.method == Some(Method::Deidentify) {
            for made in &act.makes {
                origins.entry(*made).or_default().extend(&act.fields);
            }
        }
    }
    for fields in origins.values_mut() {
        fields.sort_unstable();
        fields.dedup();
    }
    origins
}

fn joint_row(
    judged: &Judged<'_>,
    (from, subject): (Instant, SubjectNo),
    data: CopyNo,
    key: CopyNo,
    made_from: &[FieldNo],
) -> Result<Row, AskError> {
    let scope = judged.scope;
    let things = &scope.history.things;
    let holding = scope.replay.holding_of(scope.replay.copy(data));
    let who = things.processors().id(holding.processor);
    let (_, key_field) = judged.pair(key);
    let subject = scope.history.subjects().id(subject).clone();
    let (_, identified) = judged.names(&[], made_from);
    let names: Vec<&str> = identified.iter().map(FieldId::as_str).collect();
    let mut row = Row::new(
        "joint",
        format!(
            "{who} holds {} and {}, its key, since {}: that is {} of {subject}, identified",
            things.fields().id(holding.field),
            things.fields().id(key_field),
            scope.zone.print(from),
            if names.is_empty() {
                "data".to_owned()
            } else {
                names.join(", ")
            },
        ),
    );
    row.at = Some(from);
    row.processor = Some(who.clone());
    row.witness = branch(judged, data)?;
    row.also = branch(judged, key)?;
    row.subjects = vec![subject];
    row.fields = identified;
    row.because = vec![
        things.fields().id(holding.field).to_string(),
        things.fields().id(key_field).to_string(),
    ];
    Ok(row)
}

/// One branch of the tree: the chain of a copy, looked at by the checker.
fn branch(judged: &Judged<'_>, copy: CopyNo) -> Result<Vec<Step>, AskError> {
    let subject = judged.scope.history.subjects().id(judged.pair(copy).0);
    judged.chain_to_least(subject, &[copy])
}

/// Releases of anonymized fields that were re-identified.
fn released(judged: &Judged<'_>) -> Vec<Row> {
    let scope = judged.scope;
    let things = &scope.history.things;
    // Since when each field is known to be no anonymous one.
    let mut since: BTreeMap<FieldNo, Instant> = BTreeMap::new();
    for (id, at) in scope.defeated {
        if let Some(field) = things
            .fields()
            .get(id)
            .filter(|field| !things.is_personal(*field))
            && *at <= scope.as_of
        {
            let known = since.entry(field).or_insert(*at);
            *known = (*known).min(*at);
        }
    }
    let mut rows = Vec::new();
    for (number, act) in scope.history.numbered() {
        let is_release = match act.kind {
            ActKind::Share | ActKind::Verify | ActKind::Disclose | ActKind::Delegate | ActKind::Assign => {
                true
            }
            ActKind::Collect
            | ActKind::Derive
            | ActKind::Use
            | ActKind::Store
            | ActKind::Correct
            | ActKind::Restrict
            | ActKind::Delete => false,
        };
        if !is_release || act.at > scope.as_of || is_inward(judged, number) {
            continue;
        }
        for field in &act.fields {
            let Some(known) = since.get(field) else {
                continue;
            };
            let subjects: Vec<SubjectNo> = act
                .pairs()
                .zip(scope.replay.held(number))
                .filter(|((_, of), held)| of == field && **held != Held::Nothing)
                .map(|((subject, _), _)| subject)
                .collect();
            if !subjects.is_empty() {
                for at in releases(judged, number, *field, *known) {
                    rows.push(released_row(judged, (number, at), *field, *known, &subjects));
                }
            }
        }
    }
    rows
}

/// Whether the act stays inside one organization all the time.
fn is_inward(judged: &Judged<'_>, number: ActNo) -> bool {
    judged.case.judged_as(number).all(|(_, act)| act.inward.is_some())
}

/// When the act gave the field away, up to the instant of the question: a standing one may have done so before and
/// after it was known.
fn releases(judged: &Judged<'_>, number: ActNo, field: FieldNo, known: Instant) -> Vec<Instant> {
    let act = judged.scope.history.act(number);
    if act.when.standing().is_none() {
        return vec![act.at];
    }
    let (mut before, mut after) = (None, None);
    for (moment, _) in judged
        .case
        .judged_as(number)
        .filter(|(_, act)| act.fields.contains(&field) && act.inward.is_none())
    {
        let Some((from, until)) = judged.case.moment(moment).map(|moment| moment.span) else {
            continue;
        };
        let earliest = |one: Option<Instant>, other: Instant| Some(one.map_or(other, |one| one.min(other)));
        if from < known {
            before = earliest(before, from);
        }
        if from >= known || until.is_none_or(|until| known < until) {
            after = earliest(after, from.max(known));
        }
    }
    let is_by_now = |at: &Instant| *at <= judged.scope.as_of;
    before.into_iter().chain(after).filter(is_by_now).collect()
}

fn released_row(
    judged: &Judged<'_>,
    (number, at): (ActNo, Instant),
    field: FieldNo,
    known: Instant,
    subjects: &[SubjectNo],
) -> Row {
    let scope = judged.scope;
    let act = scope.history.act(number);
    let processors = scope.history.things.processors();
    let giver = processors.id(act.actor);
    let to = act
        .recipient
        .map_or_else(|| "anybody".to_owned(), |to| processors.id(to).to_string());
    let (subjects, fields) = judged.names(subjects, &[field]);
    let name = scope.history.things.fields().id(field);
    let when = scope.zone.print(known);
    let (code, text) = if at < known {
        (
            "known-since",
            format!(
                "{giver} gave {name} to {to} as anonymous; since {when} it is known that it was de-identified only"
            ),
        )
    } else {
        (
            "released-after",
            format!(
                "{giver} gave {name} to {to} although it was known since {when} that it is not anonymous"
            ),
        )
    };
    let mut row = Row::new(code, text);
    row.at = Some(at);
    row.act = Some(act.id.clone());
    row.processor = Some(giver.clone());
    row.recipient = act.recipient.map(|to| processors.id(to).clone());
    row.purpose = act
        .purpose
        .map(|purpose| scope.history.things.purposes().id(purpose).clone());
    row.subjects = subjects;
    row.fields = fields;
    row.witness = vec![scope.history.step(number)];
    row
}
