//! An independent checker of witnesses (docs/checks.md 9, "Re-verify, do not compare, the witness"). It looks at the
//! acts of the file only and never at a replay.
//!
//! A path: "acts in order; each act's output (its `makes`, else its fields) at its recipient or actor feeds the next act's
//! actor with a common field and subject; it starts with an acquisition without parents". The check here is a little
//! stronger: one and the same subject must be carried from the first act to the last.

use super::facts::{self, Event, Facts, Instant};
use super::lookups::within;
use serde_json::Value;

/// Where an act puts what it carries, and which fields arrive there. None: it puts nothing anywhere.
fn output(event: &Event) -> Option<(&String, &Vec<String>)> {
    match event.act.as_str() {
        "collect" => Some((&event.actor, &event.fields)),
        "derive" => Some((&event.actor, &event.makes)),
        "share" | "verify" | "disclose" | "delegate" | "assign" => {
            Some((event.recipient.as_ref()?, &event.fields))
        }
        _ => None,
    }
}

/// What is carried out of a path for one subject: the fields that are there after the last act, or the reason it breaks.
/// The last act may put nothing anywhere; it must only be fed.
fn carry(facts: &Facts, path: &[usize], subject: &String) -> Result<Vec<String>, String> {
    let first = &facts.events[path[0]];
    if first.act != "collect" || !first.subjects.contains(subject) {
        return Err(format!("{} is no first acquisition of {subject}", first.id));
    }
    let mut carried = first.fields.clone();
    for (number, step) in path.windows(2).enumerate() {
        let (before, after) = (&facts.events[step[0]], &facts.events[step[1]]);
        let Some((place, _)) = output(before) else {
            return Err(format!("{} puts nothing anywhere", before.id));
        };
        let last = number + 2 == path.len();
        if *place != after.actor || (after.act == "collect" && !last) {
            return Err(format!("{} does not feed {}", before.id, after.id));
        }
        carried.retain(|f| after.fields.contains(f));
        if carried.is_empty() || !after.subjects.contains(subject) {
            return Err(format!(
                "{} and {} have no common field of {subject}",
                before.id, after.id
            ));
        }
        if after.act == "derive" {
            carried = after.makes.clone();
        }
    }
    Ok(carried)
}

/// Some subject of `subjects` (all subjects of the first act when None) is carried along the whole path.
fn is_path(facts: &Facts, path: &[usize], subjects: Option<&[String]>) -> Result<(), String> {
    let candidates = match (subjects, path.first()) {
        (_, None) => return Err("an empty path".to_string()),
        (Some(subjects), _) => subjects.to_vec(),
        (None, Some(first)) => facts.events[*first].subjects.clone(),
    };
    let mut why = "no subject".to_string();
    for subject in &candidates {
        match carry(facts, path, subject) {
            Ok(_) => return Ok(()),
            Err(reason) => why = reason,
        }
    }
    Err(why)
}

/// A path to an act, that act included. The act alone stands for "no copy there before", or for a collect.
fn is_path_to(
    facts: &Facts,
    path: &[usize],
    event: usize,
    subjects: Option<&[String]>,
) -> Result<(), String> {
    match path {
        [] => Err("the witness is missing".to_string()),
        [.., last] if *last != event => Err("the witness does not end with the act".to_string()),
        [_] => Ok(()),
        _ => is_path(facts, path, subjects),
    }
}

/// A name means what lies inside it, at some instant at least (docs/checks.md 1.6).
fn is_ever_within(facts: &Facts, place: Option<&String>, wanted: &str) -> bool {
    let moves = facts.processors.iter().flat_map(|p| p.moves.iter().map(|m| m.at));
    let mut instants = moves.chain(facts.events.iter().map(|e| e.at));
    place.is_some_and(|place| place == wanted || instants.any(|t| within(facts, place, wanted, t)))
}

fn ends_at(facts: &Facts, place: Option<&String>, wanted: &String) -> Result<(), String> {
    if is_ever_within(facts, place, wanted) {
        return Ok(());
    }
    Err(format!("the path does not end at {wanted}"))
}

/// A chain of acquiring acts that ends with a copy at a processor.
fn is_chain_at(
    facts: &Facts,
    path: &[usize],
    processor: &String,
    subjects: &[String],
    fields: &[String],
) -> Result<(), String> {
    let mut why = "no subject".to_string();
    let Some(last) = path.last() else {
        return Err("the witness is missing".to_string());
    };
    if path.len() > 1 && facts.events[*last].act == "collect" {
        return Err("a chain goes on with a collect".to_string());
    }
    for subject in subjects {
        match carry(facts, path, subject) {
            Ok(carried) if carried.iter().any(|f| fields.contains(f)) => {
                return ends_at(
                    facts,
                    output(&facts.events[*last]).map(|(place, _)| place),
                    processor,
                );
            }
            Ok(_) => why = "the path ends with another field".to_string(),
            Err(reason) => why = reason,
        }
    }
    Err(why)
}

fn texts(value: &Value, key: &str) -> Vec<String> {
    facts::list(value, key)
}

/// The acts a witness names, in order: each exists, each is later than the one before.
fn acts_in_order(facts: &Facts, ids: &[String]) -> Result<Vec<usize>, String> {
    let mut acts: Vec<usize> = Vec::new();
    let mut now_before: Option<usize> = None;
    for id in ids {
        let e = position(facts, id).ok_or_else(|| format!("{id} is no act of the file"))?;
        // A standing act takes its place in the order when it takes what came before, if it is still active then.
        let now = now_before.map_or(e, |now: usize| now.max(e));
        let is_late = match facts.events[e].standing {
            Some(until) => until.is_some_and(|until| facts.events[now].at >= until),
            None => now_before.is_some_and(|before| before >= e),
        };
        if is_late || acts.contains(&e) && facts.events[e].standing.is_none() {
            return Err(format!("{id} is out of order"));
        }
        now_before = Some(now);
        acts.push(e);
    }
    Ok(acts)
}

/// deletion-propagated: the chain is in order; the delete after it may come earlier inside its instant ("start <= at").
fn chain_then_delete(facts: &Facts, ids: &[String]) -> Result<Vec<usize>, String> {
    let [chain @ .., delete] = ids else {
        return Err("the witness is missing".to_string());
    };
    let mut acts = acts_in_order(facts, chain)?;
    let delete = position(facts, delete).ok_or_else(|| format!("{delete} is no act of the file"))?;
    if acts.iter().any(|e| facts.events[*e].at > facts.events[delete].at) {
        return Err("the chain goes on after the delete".to_string());
    }
    acts.push(delete);
    Ok(acts)
}

fn position(facts: &Facts, id: &str) -> Option<usize> {
    facts.events.iter().position(|e| e.id == id)
}

/// Checks a finding's witness. The error says what is wrong with it.
pub fn verify(file: &Value, finding: &Value) -> Result<(), String> {
    let facts = facts::read(file);
    verify_read(&facts, finding)
}

/// The same on facts already read.
pub fn verify_read(facts: &Facts, finding: &Value) -> Result<(), String> {
    let ids = match finding.get("witness") {
        Some(Value::Array(ids)) => ids
            .iter()
            .map(|id| id.as_str().unwrap_or("?").to_string())
            .collect(),
        _ => Vec::new(),
    };
    let rule_id = facts::text(finding, "rule").ok_or("no rule")?;
    let rule = facts
        .rules
        .iter()
        .find(|r| r.id == rule_id)
        .ok_or("an unknown rule")?;
    let acts = match rule.check.as_str() {
        "deletion-propagated" | "correction-propagated" => chain_then_delete(facts, &ids)?,
        _ => acts_in_order(facts, &ids)?,
    };
    let reason = facts::text(finding, "reason").ok_or("no reason")?;
    let processor = facts::text(finding, "processor").ok_or("no processor")?;
    let (subjects, fields, because) = (
        facts.unfold(&texts(finding, "subjects")),
        texts(finding, "fields"),
        texts(finding, "because"),
    );
    let event = match facts::text(finding, "event") {
        Some(id) => Some(position(facts, &id).ok_or_else(|| format!("{id} is no act of the file"))?),
        None => None,
    };

    match (rule.check.as_str(), reason.as_str()) {
        ("policy-notice", "effective-before-published") => policy_window(facts, &acts, finding, &processor),
        (
            "bundled-consent"
            | "alternative-offered"
            | "policy-notice"
            | "incident-notice"
            | "request-deadline"
            | "refusal-reason"
            | "protection-level"
            | "audit-remedied"
            | "evidence"
            | "consent-record"
            | "ground"
            | "ground-recognized"
            | "least-privilege"
            | "policy-rights"
            | "incident-content"
            | "incident-found"
            | "identity-verified"
            | "deceased"
            | "audit-independent",
            _,
        )
        | ("ceasing", "not-told-of-ceasing") => {
            if acts.is_empty() {
                return Ok(());
            }
            Err(format!("{} has no witness", rule.check))
        }
        (
            "transfer-mechanism",
            "relocation-mechanism-none" | "relocation-mechanism-expired" | "relocation-mechanism-not-yet",
        )
        | ("closure", "not-cleared")
        | ("ceasing", "kept-after-ceasing")
        | ("protection-held", _)
        | ("delegation", "kept-after-agreement") => is_chain_at(facts, &acts, &processor, &subjects, &fields),
        ("audit-due", _) => {
            // whoever was not audited is a deciding fact; the auditor answers for it
            let place = acts.last().and_then(|last| output(&facts.events[*last]));
            let holder = place
                .map(|(holder, _)| holder)
                .filter(|holder| because.contains(*holder));
            is_chain_at(
                facts,
                &acts,
                holder.ok_or("the chain ends elsewhere")?,
                &subjects,
                &fields,
            )
        }
        ("retention-declared", _) | ("purpose-ended", "kept-after-purpose") => {
            if acts.last() != event.as_ref() {
                return Err("the witness does not end with the acquiring act".to_string());
            }
            is_chain_at(facts, &acts, &processor, &subjects, &fields)
        }
        ("frequency", _) => two_collects(facts, &acts, event, &subjects, &fields),
        ("retention" | "declared-period", _) => acquired_then_ended(facts, &acts, event, &processor, &reason),
        ("minimum-retention", _) => match acts.as_slice() {
            [acquired, delete] if Some(*delete) == event && facts.events[*delete].act == "delete" => {
                ends_at(
                    facts,
                    output(&facts.events[*acquired]).map(|(place, _)| place),
                    &processor,
                )?;
                ends_at(facts, Some(&facts.events[*delete].actor), &processor)
            }
            _ => Err("not an acquisition and its delete".to_string()),
        },
        ("deletion-propagated" | "correction-propagated", _) => {
            let delete = event.ok_or("no event")?;
            let [chain @ .., last] = acts.as_slice() else {
                return Err("the witness is missing".to_string());
            };
            if *last != delete {
                return Err("the witness does not end with the delete".to_string());
            }
            is_chain_at(facts, chain, &processor, &subjects, &fields)
        }
        ("deletion-effective", "supplied-again") => {
            let [chain @ .., delete] = acts.as_slice() else {
                return Err("the witness is missing".to_string());
            };
            let by = chain.last().map(|last| &facts.events[*last]);
            if Some(*delete) != event
                || by.is_none_or(|by| !because.contains(&by.id) || by.standing.is_none())
            {
                return Err("the witness is not a standing act and the delete".to_string());
            }
            is_chain_at(facts, chain, &processor, &subjects, &fields)
        }
        ("deletion-effective", _) => {
            let [chain @ .., delete, last] = acts.as_slice() else {
                return Err("the witness is too short".to_string());
            };
            let named = because.contains(&facts.events[*delete].id) && facts.events[*delete].act == "delete";
            if Some(*last) != event || !named || facts.events[*delete].actor != processor {
                return Err("the witness does not end with the delete and the act".to_string());
            }
            is_chain_at(facts, chain, &processor, &subjects, &fields)
        }
        ("flow-supported" | "public-source" | "embedded-party" | "never-used", _)
        | ("ceasing", "collected-after-ceasing") => match (acts.as_slice(), event) {
            ([alone], Some(event)) if *alone == event => Ok(()),
            _ => Err("the witness is not the act alone".to_string()),
        },
        ("protected-attribute", _) => is_path_to(facts, &acts, event.ok_or("no event")?, Some(&subjects)),
        _ => is_path_to(facts, &acts, event.ok_or("no event")?, None),
    }
}

/// policy-notice: acts of the processor, no deletes, between effective and published. All of them, so a count too.
fn policy_window(facts: &Facts, acts: &[usize], finding: &Value, processor: &str) -> Result<(), String> {
    let id = facts::text(finding, "fact").ok_or("no fact")?;
    let policy = facts
        .policies
        .iter()
        .find(|p| p.id == id)
        .ok_or("no such policy")?;
    let end: Instant = policy.published.unwrap_or(facts.as_of);
    let inside = |e: &Event| {
        let goes_on = e
            .standing
            .is_some_and(|until| until.is_none_or(|until| policy.effective < until));
        within(facts, &e.actor, processor, e.at)
            && e.act != "delete"
            && e.at < end
            && (goes_on || policy.effective <= e.at)
    };
    if acts.iter().any(|e| !inside(&facts.events[*e])) {
        return Err("an act outside the window".to_string());
    }
    if acts.len() != facts.events.iter().filter(|e| inside(e)).count() {
        return Err("an act of the window is missing".to_string());
    }
    Ok(())
}

/// frequency: two collects at the same processor with a reported pair in common, the later one being the event.
fn two_collects(
    facts: &Facts,
    acts: &[usize],
    event: Option<usize>,
    subjects: &[String],
    fields: &[String],
) -> Result<(), String> {
    let [earlier, later] = acts else {
        return Err("not two acts".to_string());
    };
    let (a, b) = (&facts.events[*earlier], &facts.events[*later]);
    let in_both = |x: &[String], y: &[String], z: &[String]| z.iter().any(|i| x.contains(i) && y.contains(i));
    let alike = a.act == "collect" && b.act == "collect" && a.actor == b.actor;
    if Some(*later) == event
        && alike
        && in_both(&a.subjects, &b.subjects, subjects)
        && in_both(&a.fields, &b.fields, fields)
    {
        return Ok(());
    }
    Err("not two collects of the same data".to_string())
}

/// retention: the acquiring act, then the ending act if any.
fn acquired_then_ended(
    facts: &Facts,
    acts: &[usize],
    event: Option<usize>,
    processor: &String,
    reason: &str,
) -> Result<(), String> {
    let acquired = acts.first().copied();
    if acquired.is_none() || acquired != event {
        return Err("the witness does not start with the acquiring act".to_string());
    }
    ends_at(
        facts,
        output(&facts.events[acts[0]]).map(|(place, _)| place),
        processor,
    )?;
    match (acts, reason) {
        ([_], "still-held") => Ok(()),
        ([_, end], "deleted-late") => {
            let end = &facts.events[*end];
            if matches!(end.act.as_str(), "delete" | "assign") && end.actor == *processor {
                return Ok(());
            }
            Err(format!("{} ends nothing there", end.id))
        }
        _ => Err("too few or too many acts".to_string()),
    }
}

/// Checks the answer of a `reach` question: {"answer", "witness", "arrivals"}.
pub fn verify_reach(file: &Value, ask: &Value, answer: &Value) -> Result<(), String> {
    let subject = super::questions::parameter(ask, "subject");
    let facts = facts::read(&super::questions::of_subject(file, &subject));
    // No list of the file: a standing act may stand in a chain twice.
    let steps = answer["witness"].as_array().into_iter().flatten();
    let witness: Vec<String> = steps.filter_map(|id| Some(id.as_str()?.to_string())).collect();
    let arrivals = texts(answer, "arrivals");
    let yes = facts::flag(answer, "answer");
    if !yes {
        return if witness.is_empty() && arrivals.is_empty() {
            Ok(())
        } else {
            Err("no, with a witness or arrivals".to_string())
        };
    }
    let need = |key: &str| facts::text(ask, key).ok_or(format!("{key} is missing"));
    let (field, to, subject) = (need("field")?, need("to")?, need("subject")?);
    let limit = facts::instant(ask, "as_known_at").unwrap_or(facts.as_of);
    for id in &arrivals {
        let e = position(&facts, id).ok_or_else(|| format!("{id} is no act of the file"))?;
        let arrival = &facts.events[e];
        ends_at(&facts, output(arrival).map(|(place, _)| place), &to)?;
        if arrival.at > limit || !arrival.subjects.contains(&subject) {
            return Err(format!("{id} is later than the limit, or of another subject"));
        }
    }
    if !arrivals.windows(2).all(|two| two[0] < two[1]) {
        return Err("the arrivals are not sorted".to_string());
    }
    if witness.last().is_none_or(|last| !arrivals.contains(last)) {
        return Err("the witness does not end with an arrival".to_string());
    }
    let path = acts_in_order(&facts, &witness)?;
    let all = carry(&facts, &path, &subject)?;
    if all.is_empty() {
        return Err("nothing is carried".to_string());
    }
    // the field is somewhere on the path, at `from` when that is given
    let from = facts::text(ask, "from");
    let mut seen = false;
    for length in 1..=path.len() {
        let carried = carry(&facts, &path[..length], &subject)?;
        let place = output(&facts.events[path[length - 1]]).map(|(place, _)| place);
        seen |= carried.contains(&field)
            && from
                .as_ref()
                .is_none_or(|from| is_ever_within(&facts, place, from));
    }
    if !seen {
        return Err(format!("{field} is not on the path"));
    }
    let takes_part = |e: &usize, who: &String| {
        let event = &facts.events[*e];
        let mut both = std::iter::once(&event.actor).chain(&event.to);
        both.any(|one| one == who || (event.standing.is_none() && within(&facts, one, who, event.at)))
    };
    for through in super::reach::one_or_list(ask, "through") {
        let passes_on = |e: &usize| is_ever_within(&facts, Some(&facts.events[*e].actor), &through);
        if !path[1..].iter().any(passes_on) {
            return Err(format!("the witness does not pass {through}"));
        }
    }
    for avoided in super::reach::one_or_list(ask, "avoiding") {
        if path.iter().any(|e| takes_part(e, &avoided)) {
            return Err(format!("the witness meets {avoided}"));
        }
    }
    Ok(())
}
