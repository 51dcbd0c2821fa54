//! What crossed a border, and under which safeguards?

use super::judged::Judged;
use super::{AskError, counted};
use crate::graph::{Act, ActNo, FieldNo, ProcessorNo, SubjectNo};
use crate::model::fact::{Agreement, Assessment, Mechanism};
use crate::model::id::{Country, FieldId, ProcessorId, SubjectId};
use crate::model::question::{Answer, Reason};
use crate::model::row::Row;
use crate::model::rule::{Check, RiskKind, Terms};
use crate::model::time::Instant;
use crate::model::word::ActKind;
use crate::policy::coverage::Pair;
use crate::reach::lineage;
use crate::rules::{self, Border};

/// What happened at the border.
#[derive(Clone, Copy)]
enum Way {
    /// From inside to outside.
    Crossing,
    /// On to another country, of what came from inside.
    Onward,
    /// Placed outside.
    Stored,
}

/// One transfer, at the instant at which it begins.
struct Transfer<'a> {
    number: ActNo,
    act: &'a Act,
    way: Way,
    fields: Vec<FieldNo>,
}

/// Answers act by act with a row for what happened (`crossing`, `onward`, `stored-abroad`), and behind it one for each safeguard:
/// the mechanism (`mechanism`, or `mechanism-none`, `-expired`, `-not-yet`), the ground of acts that need one (`ground`,
/// `ground-missing`), secrecy (`secrecy`, `secrecy-none`, `secrecy-ended`), the impact assessment (`assessment`, `-none`, `-late`) and
/// that of the recipient (`recipient-assessment`, `-none`, `-late`). Then moves of holders with data in hand
/// (`moved-abroad`). Whose border it is, the first rule on record of the check `transfer-mechanism` says: that of a bloc, or of home.
pub fn answer(
    judged: &Judged<'_>,
    processor: Option<&ProcessorId>,
    subject: Option<&SubjectId>,
) -> Result<Answer, AskError> {
    let scope = judged.scope;
    let only = processor.map(|id| scope.processor(id)).transpose()?;
    if let Some(subject) = subject {
        scope.subject(subject)?;
    }
    let border = border(judged);
    let mut rows = Vec::new();
    let mut gaps = 0;
    let transfers = transfers(judged, &border, only);
    for transfer in &transfers {
        rows.push(what(judged, transfer));
        if let Some(to) = transfer.act.taker() {
            let safeguards = safeguards(judged, transfer, to);
            gaps += safeguards.iter().filter(|row| is_gap(row)).count();
            rows.extend(safeguards);
        }
    }
    let moves = moves(judged, &border, only);
    gaps += moves.iter().filter(|row| is_gap(row)).count();
    let abroad = moves.iter().filter(|row| row.code == "moved-abroad").count();
    rows.extend(moves);
    let count = |way: &str| rows.iter().filter(|row| row.code == way).count();
    let reason = if rows.is_empty() {
        Reason {
            code: "no-transfer",
            text: "nothing on record crossed the border".to_owned(),
        }
    } else {
        Reason {
            code: "transferred",
            text: format!(
                "{}, {} onward, {} stored abroad, {abroad} moved abroad with the holder; {} missing",
                counted(count("crossing"), "crossing", "crossings"),
                count("onward"),
                count("stored-abroad"),
                counted(gaps, "safeguard", "safeguards"),
            ),
        }
    };
    Ok(Answer::of_rows(rows, vec![reason], scope.as_of))
}

fn is_gap(row: &Row) -> bool {
    ["-none", "-expired", "-not-yet", "-missing", "-ended", "-late"]
        .iter()
        .any(|end| row.code.ends_with(end))
}

fn border<'j>(judged: &'j Judged<'_>) -> Border<'j> {
    let of_rule = judged.rules.iter().find_map(|rule| {
        if let Check::TransferMechanism { bloc, adequate, .. } = &rule.check {
            Some(Border { bloc, adequate })
        } else {
            None
        }
    });
    of_rule.unwrap_or(Border {
        bloc: &[],
        adequate: &[],
    })
}

/// The transfers by or to the processor, each act once, in order.
fn transfers<'j>(
    judged: &'j Judged<'_>,
    border: &Border<'_>,
    only: Option<ProcessorNo>,
) -> Vec<Transfer<'j>> {
    let case = judged.case;
    let mut transfers: Vec<Transfer<'j>> = Vec::new();
    for (number, act) in case.judged() {
        let is_asked = only.is_none_or(|only| {
            let mut parties = std::iter::once(act.actor).chain(act.taker());
            parties.any(|party| case.is_within(party, only, act.at))
        });
        let itself = case.act_itself(number);
        let is_there = transfers
            .last()
            .is_some_and(|last| case.act_itself(last.number) == itself);
        let fields = case.personal_fields(act);
        if !is_asked || is_there || fields.is_empty() {
            continue;
        }
        let way = if border.is_crossing(case, act) {
            Way::Crossing
        } else if is_stored_abroad(judged, border, act) {
            Way::Stored
        } else if is_onward(judged, border, number, act) {
            Way::Onward
        } else {
            continue;
        };
        transfers.push(Transfer {
            number,
            act,
            way,
            fields,
        });
    }
    transfers
}

fn is_stored_abroad(judged: &Judged<'_>, border: &Border<'_>, act: &Act) -> bool {
    act.kind == ActKind::Store
        && act
            .location
            .as_ref()
            .is_some_and(|country| !border.is_inside(judged.case, country))
}

/// Whether the act gives somebody in a third country what somebody inside once had.
fn is_onward(judged: &Judged<'_>, border: &Border<'_>, number: ActNo, act: &Act) -> bool {
    let (case, replay) = (judged.case, judged.scope.replay);
    let things = &judged.scope.history.things;
    let outside = |processor| -> Option<&Country> {
        things
            .country_at(processor, act.at)
            .filter(|country| !border.is_inside(case, country))
    };
    let ends = act.taker().and_then(|to| outside(act.actor).zip(outside(to)));
    if !act.can_cross() || ends.is_none_or(|(from, to)| from == to) {
        return false;
    }
    let made = case.copies_made(number);
    let held = case
        .held(number)
        .iter()
        .flat_map(|held| case.held_among(number, *held, made))
        .map(|copy| (*copy, made));
    lineage::ancestors(replay, held).into_iter().any(|copy| {
        let copy = replay.copy(copy);
        let holder = replay.holding_of(copy).processor;
        let country = things.country_at(holder, copy.start);
        country.is_some_and(|country| border.is_inside(case, country))
    })
}

fn what(judged: &Judged<'_>, transfer: &Transfer<'_>) -> Row {
    let scope = judged.scope;
    let things = &scope.history.things;
    let act = transfer.act;
    let place = |processor: ProcessorNo| {
        let country = things.country_at(processor, act.at).map_or("?", Country::as_str);
        format!("{} ({country})", things.processors().id(processor))
    };
    let (_, fields) = judged.names(&[], &transfer.fields);
    let data: Vec<&str> = fields.iter().map(FieldId::as_str).collect();
    let code = match transfer.way {
        Way::Crossing => "crossing",
        Way::Onward => "onward",
        Way::Stored => "stored-abroad",
    };
    let to = match (&act.location, act.taker()) {
        (_, Some(to)) => format!(" → {}", place(to)),
        (Some(country), None) => format!(" in {country}"),
        (None, None) => String::new(),
    };
    let mut row = of_act(
        judged,
        transfer,
        code,
        format!(
            "{}: {} {}{to}, {}",
            act.id,
            act.kind_on_record(),
            place(act.actor),
            data.join(", ")
        ),
    );
    row.fields = fields;
    row.witness = vec![scope.history.step_of(act)];
    row
}

/// A row about the act.
fn of_act(judged: &Judged<'_>, transfer: &Transfer<'_>, code: &str, text: String) -> Row {
    let scope = judged.scope;
    let things = &scope.history.things;
    let act = transfer.act;
    let mut row = Row::new(code, text);
    row.at = Some(act.at);
    row.act = Some(act.id.clone());
    row.processor = Some(things.processors().id(act.actor).clone());
    row.recipient = act.taker().map(|to| things.processors().id(to).clone());
    row.purpose = act.purpose.map(|purpose| things.purposes().id(purpose).clone());
    let (subjects, _) = judged.names(&act.subjects, &[]);
    row.subjects = subjects;
    row
}

fn safeguards(judged: &Judged<'_>, transfer: &Transfer<'_>, to: ProcessorNo) -> Vec<Row> {
    let mut rows = vec![mechanism(judged, transfer, to)];
    rows.extend(ground(judged, transfer));
    let act = transfer.act;
    // Nobody has an agreement with itself, nor assesses itself as a recipient.
    let is_inward = act.inward.is_some();
    if !is_inward {
        rows.push(secrecy(judged, transfer, to));
    }
    let things = &judged.scope.history.things;
    let impact: Vec<(String, Instant)> = judged
        .case
        .assessments()
        .filter_map(|(fact, _)| match fact {
            Assessment::Impact {
                id,
                processor,
                covers,
                purposes,
                at,
            } => {
                let purposes = things.purpose_numbers(purposes);
                let serves = act
                    .purpose
                    .is_some_and(|purpose| things.serves(purpose, &purposes));
                let is_of = judged.case.is_named(processor, act.actor, act.at);
                (is_of && serves && covers.contains(&RiskKind::CrossBorder)).then(|| (id.to_string(), *at))
            }
            Assessment::Recipient { .. } => None,
        })
        .collect();
    let recipient: Vec<(String, Instant)> = judged
        .case
        .assessments()
        .filter_map(|(fact, _)| match fact {
            Assessment::Recipient {
                id,
                processor,
                recipient,
                at,
            } => {
                let is_of = judged.case.is_named(processor, act.actor, act.at)
                    && judged.case.is_named(recipient, to, act.at);
                is_of.then(|| (id.to_string(), *at))
            }
            Assessment::Impact { .. } => None,
        })
        .collect();
    rows.push(assessment(judged, transfer, "assessment", "its impact", &impact));
    if !is_inward {
        rows.push(assessment(
            judged,
            transfer,
            "recipient-assessment",
            "the recipient",
            &recipient,
        ));
    }
    rows
}

fn mechanism(judged: &Judged<'_>, transfer: &Transfer<'_>, to: ProcessorNo) -> Row {
    let act = transfer.act;
    let country = judged.scope.history.things.country_at(to, act.at);
    let gap = rules::mechanism_gap(
        judged.case,
        judged.scope.mechanisms,
        (act.actor, to),
        country,
        act.at,
    );
    let (code, text, because) = match gap {
        None => {
            let valid = valid(judged, (act.actor, to), country, act.at);
            ("mechanism", "the mechanism is in force".to_owned(), valid)
        }
        Some((code, mechanism)) => {
            let because: Vec<String> = mechanism
                .iter()
                .map(|mechanism| mechanism.id.to_string())
                .collect();
            let text = match code {
                "mechanism-expired" => "the mechanism had expired",
                "mechanism-not-yet" => "the mechanism had not begun",
                _ => "no mechanism is on record",
            };
            (code, text.to_owned(), because)
        }
    };
    let mut row = of_act(judged, transfer, code, text);
    row.because = because;
    row
}

/// The mechanisms in force, by name.
fn valid(
    judged: &Judged<'_>,
    (from, to): (ProcessorNo, ProcessorNo),
    country: Option<&Country>,
    at: Instant,
) -> Vec<String> {
    let case = judged.case;
    let is_from = |id: &ProcessorId| case.is_named(id, from, at);
    let is_to = |id: &ProcessorId| case.is_named(id, to, at);
    let is_valid =
        |mechanism: &&&Mechanism| mechanism.fits(is_from, is_to, country) && mechanism.is_valid(at);
    judged
        .scope
        .mechanisms
        .iter()
        .filter(is_valid)
        .map(|mechanism| mechanism.id.to_string())
        .collect()
}

/// The ground of the acts that the check `authorized` judges.
fn ground(judged: &Judged<'_>, transfer: &Transfer<'_>) -> Option<Row> {
    let scope = judged.scope;
    let (act, coverage) = (transfer.act, &judged.case.coverage);
    let (mut grounds, mut missing, mut nearest) = (Vec::new(), Vec::new(), Vec::new());
    let mut is_judged = false;
    for ((subject, field), held) in act.pairs().zip(judged.case.held(transfer.number)) {
        if !rules::is_judged_for_coverage(judged.case, act, field, *held) {
            continue;
        }
        is_judged = true;
        let pair = Pair {
            subject,
            field,
            held: *held,
        };
        match coverage.gap(scope.history, scope.replay, act, pair, Terms::default()) {
            None => grounds.extend(coverage.covering(scope.history, scope.replay, act, pair)),
            Some(uncovered) => {
                missing.push(uncovered.gap.as_str());
                nearest.extend(uncovered.nearest);
            }
        }
    }
    let names = |mut all: Vec<u32>| -> Vec<String> {
        all.sort_unstable();
        all.dedup();
        all.into_iter()
            .map(|position| coverage.authorization(position).id.to_string())
            .collect()
    };
    missing.sort_unstable();
    missing.dedup();
    let (code, text, because) = if missing.is_empty() {
        ("ground", "it is authorized".to_owned(), names(grounds))
    } else {
        let text = format!("not all of it is authorized: {}", missing.join(", "));
        ("ground-missing", text, names(nearest))
    };
    is_judged.then(|| {
        let mut row = of_act(judged, transfer, code, text);
        row.because = because;
        row
    })
}

fn secrecy(judged: &Judged<'_>, transfer: &Transfer<'_>, to: ProcessorNo) -> Row {
    let act = transfer.act;
    let are = |giver: &ProcessorId, taker: &ProcessorId| {
        judged.case.is_named(giver, act.actor, act.at) && judged.case.is_named(taker, to, act.at)
    };
    let are_bound = |[one, other]: &[ProcessorId; 2]| are(one, other) || are(other, one);
    let theirs = || {
        judged
            .case
            .agreements()
            .filter_map(|(agreement, _)| match agreement {
                Agreement::Confidentiality(agreement) if are_bound(&agreement.between) => Some(agreement),
                Agreement::Confidentiality(_)
                | Agreement::Delegation(_)
                | Agreement::Partner(_)
                | Agreement::Joint(_) => None,
            })
    };
    let in_force: Vec<String> = theirs()
        .filter(|agreement| rules::in_force(agreement.from, agreement.until, act.at))
        .map(|agreement| agreement.id.to_string())
        .collect();
    let all: Vec<String> = theirs().map(|agreement| agreement.id.to_string()).collect();
    let (code, text, because) = if !in_force.is_empty() {
        ("secrecy", "a secrecy agreement is in force", in_force)
    } else if all.is_empty() {
        ("secrecy-none", "no secrecy agreement is on record", all)
    } else {
        ("secrecy-ended", "no secrecy agreement was in force", all)
    };
    let mut row = of_act(judged, transfer, code, text.to_owned());
    row.because = because;
    row
}

/// Whether it was assessed before: the assessments that are of it.
fn assessment(
    judged: &Judged<'_>,
    transfer: &Transfer<'_>,
    code: &str,
    what: &str,
    done: &[(String, Instant)],
) -> Row {
    let before: Vec<String> = done
        .iter()
        .filter(|(_, at)| *at <= transfer.act.at)
        .map(|(id, _)| id.clone())
        .collect();
    let (code, text, because) = if !before.is_empty() {
        (code.to_owned(), format!("{what} was assessed before"), before)
    } else if done.is_empty() {
        (
            format!("{code}-none"),
            format!("{what} was never assessed"),
            before,
        )
    } else {
        let late = done.iter().map(|(id, _)| id.clone()).collect();
        (
            format!("{code}-late"),
            format!("{what} was assessed only later"),
            late,
        )
    };
    let mut row = of_act(judged, transfer, &code, text);
    row.because = because;
    row
}

/// Moves over the border with data in hand, each with its mechanism.
fn moves(judged: &Judged<'_>, border: &Border<'_>, only: Option<ProcessorNo>) -> Vec<Row> {
    let (case, scope) = (judged.case, judged.scope);
    let things = &scope.history.things;
    let mut rows = Vec::new();
    for processor in things.processors().all() {
        let fact = things.processor(processor);
        for change in things.relocations(processor) {
            let country = change.to;
            let is_asked = only.is_none_or(|only| case.is_within(processor, only, change.at));
            if !is_asked || !border.is_crossed(case, change.from, Some(country)) {
                continue;
            }
            let (subjects, fields) = in_hand(judged, processor, change.at);
            if fields.is_empty() {
                continue;
            }
            let (subjects, fields) = judged.names(&subjects, &fields);
            let gap = rules::mechanism_gap(
                case,
                scope.mechanisms,
                (processor, processor),
                Some(country),
                change.at,
            );
            let (code, text) = match gap {
                None => ("mechanism", "the mechanism is in force"),
                Some((code @ "mechanism-expired", _)) => (code, "the mechanism had expired"),
                Some((code @ "mechanism-not-yet", _)) => (code, "the mechanism had not begun"),
                Some((code, _)) => (code, "no mechanism is on record"),
            };
            let data: Vec<&str> = fields.iter().map(FieldId::as_str).collect();
            let mut moved = Row::new(
                "moved-abroad",
                format!("{} moved to {country} with {}", fact.id, data.join(", ")),
            );
            let mut route = Row::new(code, text);
            route.because = match gap {
                None => valid(judged, (processor, processor), Some(country), change.at),
                Some((_, mechanism)) => mechanism
                    .iter()
                    .map(|mechanism| mechanism.id.to_string())
                    .collect(),
            };
            for row in [&mut moved, &mut route] {
                row.at = Some(change.at);
                row.processor = Some(fact.id.clone());
                row.subjects.clone_from(&subjects);
            }
            moved.fields = fields;
            rows.extend([moved, route]);
        }
    }
    rows
}

fn in_hand(judged: &Judged<'_>, processor: ProcessorNo, at: Instant) -> (Vec<SubjectNo>, Vec<FieldNo>) {
    let replay = judged.scope.replay;
    replay
        .holdings()
        .filter(|(holding, copies)| {
            holding.processor == processor
                && judged.scope.history.things.is_personal(holding.field)
                && copies.iter().any(|number| {
                    let copy = replay.copy(*number);
                    copy.start < at && judged.case.outlives(copy, at)
                })
        })
        .map(|(holding, _)| (holding.subject, holding.field))
        .unzip()
}
