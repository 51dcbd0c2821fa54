//! What a question is answered in every placement, and what in some.

use std::collections::{BTreeMap, BTreeSet};

use super::plan::Plan;
use super::{NAMES_MAX, Placement, Uncertain, told};
use crate::model::finding::Certainty;
use crate::model::id::{FactId, ProcessorId};
use crate::model::question::{Answer, Crossing, Found, Reached, Reason};
use crate::model::row::Row;
use crate::model::time::{Instant, Zone};
use crate::model::word::Verdict;

/// The code of a reason that says how far the answer depends on times that are not known.
const CODE: &str = "uncertain-times";
/// Of a yes that holds in every placement.
const EARLY: &str = "So wherever inside their bounds the acts of uncertain times took place; the chain shows each at its \
                     earliest.";

/// The answers under the placements that were tried so far.
#[derive(Default)]
pub struct Answers {
    placements: usize,
    /// How many are yes.
    yes: usize,
    /// The first answer, the first yes and the first that is not no, each with its placement.
    base: Option<Answer>,
    first_yes: Option<(usize, Answer)>,
    first_maybe: Option<(usize, Answer)>,
    /// In how many placements each entry of a list was there.
    entries: BTreeMap<String, usize>,
    /// Rows that no placement before had, each with its placement.
    rows: Vec<(usize, String, Row)>,
    at: BTreeMap<String, [Option<(Instant, Instant)>; 3]>,
    contradicted: Vec<FactId>,
    boundary: Vec<ProcessorId>,
}

impl Answers {
    /// Adds the answer under the next placement.
    pub fn add(&mut self, answer: Answer) {
        let placement = self.placements;
        self.placements += 1;
        self.yes += usize::from(answer.verdict == Verdict::Yes);
        let mut names = entries(&answer.found);
        names.sort_unstable();
        names.dedup();
        for name in names {
            *self.entries.entry(name).or_default() += 1;
        }
        match &answer.found {
            Found::Rows(rows) => {
                for row in rows {
                    let name = row_name(row);
                    let bounds = self.at.entry(name.clone()).or_default();
                    widen(&mut bounds[0], row.at);
                    widen(&mut bounds[1], row.due);
                    widen(&mut bounds[2], row.last);
                    let is_known = |(_, known, _): &(usize, String, Row)| *known == name;
                    if !self.rows.iter().any(is_known) {
                        self.rows.push((placement, name, row.clone()));
                    }
                }
            }
            Found::Reach(reached) => {
                self.contradicted.extend(reached.contradicted.iter().cloned());
                self.boundary.extend(reached.boundary.iter().cloned());
            }
            Found::Holders(_)
            | Found::Purposes(_)
            | Found::Downstream(_)
            | Found::Sources(_)
            | Found::Crossings(_) => {}
        }
        if answer.verdict == Verdict::Yes && self.first_yes.is_none() {
            self.first_yes = Some((placement, answer.clone()));
        }
        if answer.verdict != Verdict::No && self.first_maybe.is_none() {
            self.first_maybe = Some((placement, answer.clone()));
        }
        self.base.get_or_insert(answer);
    }

    /// The answer under all of them; `None` when nothing was tried. Of an incomplete plan nothing is said to hold in
    /// every placement.
    pub fn into_answer(mut self, plan: &Plan, zone: &Zone) -> Option<Answer> {
        let base = self.base.take()?;
        let (all, is_complete) = (self.placements, plan.is_complete());
        let (verdict, shown) = if self.yes == all && is_complete {
            (Verdict::Yes, None)
        } else if let Some((placement, answer)) = self.first_yes.take().or_else(|| self.first_maybe.take()) {
            (Verdict::Possible, Some((placement, answer)))
        } else if is_complete {
            (Verdict::No, None)
        } else {
            (Verdict::Unknown, None)
        };
        let shown_in = shown.as_ref().map(|(placement, _)| *placement);
        let mut answer = shown.map_or(base, |(_, answer)| answer);
        answer.verdict = verdict;
        self.reach(&mut answer, shown_in);
        self.rows(&mut answer, plan);
        self.list(&mut answer, is_complete);
        match verdict {
            Verdict::Possible => {
                let placement = plan.placements.get(shown_in.unwrap_or(0));
                answer = possible(answer, placement.unwrap_or(&Placement::default()), &plan.deciding, zone);
            }
            Verdict::Unknown => answer.reasons.insert(
                0,
                Reason {
                    code: "placements-limit",
                    text: format!(
                        "Undecided: {all} placements of {} acts of uncertain times were tried, and not all that differ: {}",
                        plan.deciding.len(),
                        named(&plan.deciding)
                    ),
                },
            ),
            Verdict::Yes if is_taken_early(&answer.found) => answer.reasons.push(Reason {
                code: CODE,
                text: EARLY.to_owned(),
            }),
            Verdict::Yes | Verdict::No => {}
        }
        if !is_complete && verdict == Verdict::Possible {
            answer.reasons.push(Reason {
                code: "placements-limit",
                text: format!(
                    "{all} placements were tried and not all that differ, so nothing is said to be so in all of them; the \
                     times of {} decide",
                    named(&plan.deciding)
                ),
            });
        }
        Some(answer)
    }

    /// Of reach: whether no placement that was tried was anything but a yes.
    pub fn is_yes_so_far(&self) -> bool {
        self.placements > 0 && self.yes == self.placements
    }

    /// Of a yes, the arrivals that are so in every placement; whoever may contradict the record or end the trail is named
    /// in any case.
    fn reach(&self, answer: &mut Answer, shown_in: Option<usize>) {
        let Found::Reach(reached) = &mut answer.found else {
            return;
        };
        if shown_in.is_none() {
            reached.arrivals.retain(|act| self.is_in_all(act.as_str()));
            let others = self.entries.keys().filter(|name| !self.is_in_all(name));
            answer.unsure.possible = others.cloned().collect();
        }
        let arrivals = &reached.arrivals;
        reached.contradicted.clone_from(&self.contradicted);
        reached.contradicted.sort_unstable();
        reached.contradicted.dedup();
        reached.contradicted.retain(|act| !arrivals.contains(act));
        reached.boundary.clone_from(&self.boundary);
        reached.boundary.sort_unstable();
        reached.boundary.dedup();
    }

    fn is_in_all(&self, name: &str) -> bool {
        self.entries.get(name) == Some(&self.placements)
    }

    /// All rows, each with its certainty.
    fn rows(&mut self, answer: &mut Answer, plan: &Plan) {
        let Found::Rows(rows) = &mut answer.found else {
            return;
        };
        let (mut sure, mut other) = (Vec::new(), Vec::new());
        for (placement, name, mut row) in std::mem::take(&mut self.rows) {
            let [at, due, last] = self.at.get(&name).copied().unwrap_or_default();
            let is_open = |bounds: &(Instant, Instant)| bounds.0 < bounds.1;
            row.between = at.filter(is_open);
            row.due_between = due.filter(is_open);
            row.at = at.map(|bounds| bounds.0);
            row.due = due.map(|bounds| bounds.0);
            row.last = last.map(|bounds| bounds.1);
            if plan.is_complete() && self.is_in_all(&name) {
                row.certainty = Some(Certainty::Definite);
                sure.push(row);
            } else {
                row.certainty = Some(Certainty::Possible);
                row.placement = plan.told(placement, |_| true);
                other.push(row);
            }
        }
        if !other.is_empty() {
            answer.reasons.push(Reason {
                code: CODE,
                text: format!(
                    "Of the rows {} are so in every placement of the acts of uncertain times, {} in some only.",
                    sure.len(),
                    other.len()
                ),
            });
        }
        sure.append(&mut other);
        *rows = sure;
    }

    /// Of lists the entries that are so in every placement; the others are named beside.
    fn list(&self, answer: &mut Answer, is_complete: bool) {
        let sure = |name: &str| is_complete && self.is_in_all(name);
        let before = entries(&answer.found).len();
        match &mut answer.found {
            Found::Reach(_) | Found::Rows(_) => return,
            Found::Holders(list) => list.retain(|one| sure(one.as_str())),
            Found::Purposes(list) => list.retain(|(who, what)| sure(&format!("{who} for {what}"))),
            Found::Downstream(list) => list.retain(|(who, what)| sure(&format!("{what} at {who}"))),
            Found::Sources(list) => {
                list.retain(|(who, what, act)| sure(&format!("{what} at {who} by {act}")));
            }
            Found::Crossings(list) => list.retain(|crossing| sure(&crossing_name(crossing))),
        }
        let other: Vec<&str> = self
            .entries
            .keys()
            .map(String::as_str)
            .filter(|name| !sure(name))
            .collect();
        let kept = entries(&answer.found).len();
        if kept < before {
            // What was said of the list of one placement is not so in all.
            answer.reasons.clear();
        }
        if !other.is_empty() {
            let more = if other.len() > NAMES_MAX { ", …" } else { "" };
            let listed: Vec<&str> = other.iter().copied().take(NAMES_MAX).collect();
            answer.unsure.possible = other.iter().map(ToString::to_string).collect();
            answer.reasons.push(Reason {
                code: CODE,
                text: format!(
                    "{kept} in every placement of the acts of uncertain times; {} in some only: {}{more}",
                    other.len(),
                    listed.join(", ")
                ),
            });
        }
    }
}

/// Whether the chain of a yes has an act of which only the bounds are known.
fn is_taken_early(found: &Found) -> bool {
    if let Found::Reach(reached) = found {
        reached.witness.iter().any(|step| step.between.is_some())
    } else {
        false
    }
}

/// The answer under one placement, as one that is possible.
pub fn possible(mut answer: Answer, placement: &Placement, acts: &[Uncertain], zone: &Zone) -> Answer {
    answer.verdict = Verdict::Possible;
    let at = |act: &Uncertain| (act.id.clone(), placement.of(&act.id).unwrap_or(act.earliest));
    answer.unsure.placement = acts.iter().map(at).collect();
    let text = format!(
        "So for some of the instants that are possible: {}.",
        told(&answer.unsure.placement, zone)
    );
    answer.reasons.insert(0, Reason { code: CODE, text });
    answer
}

/// The answer under the placement of all acts at their earliest, when it is known to be yes in each: of the arrivals
/// those that are sure, and who else was found to be concerned.
pub fn surely(mut early: Answer, sure: &Reached, any: &Reached) -> Option<Answer> {
    let Found::Reach(reached) = &mut early.found else {
        return None;
    };
    if early.verdict != Verdict::Yes {
        return None;
    }
    let other = any.arrivals.iter().chain(&reached.arrivals);
    let other: BTreeSet<String> = other
        .filter(|act| !sure.arrivals.contains(act))
        .map(ToString::to_string)
        .collect();
    reached.arrivals.clone_from(&sure.arrivals);
    reached.contradicted.clone_from(&any.contradicted);
    reached.contradicted.retain(|act| !sure.arrivals.contains(act));
    reached.boundary.clone_from(&any.boundary);
    early.unsure.possible = other.into_iter().collect();
    early.reasons.push(Reason {
        code: CODE,
        text: EARLY.to_owned(),
    });
    Some(early)
}

fn widen(bounds: &mut Option<(Instant, Instant)>, at: Option<Instant>) {
    if let Some(at) = at {
        *bounds = Some(bounds.map_or((at, at), |(from, to)| (from.min(at), to.max(at))));
    }
}

/// The entries of a list by name; of reach, the arrivals.
fn entries(found: &Found) -> Vec<String> {
    match found {
        Found::Reach(reached) => reached.arrivals.iter().map(ToString::to_string).collect(),
        Found::Holders(list) => list.iter().map(ToString::to_string).collect(),
        Found::Purposes(list) => list
            .iter()
            .map(|(who, what)| format!("{who} for {what}"))
            .collect(),
        Found::Downstream(list) => list
            .iter()
            .map(|(who, what)| format!("{what} at {who}"))
            .collect(),
        Found::Sources(list) => list
            .iter()
            .map(|(who, what, act)| format!("{what} at {who} by {act}"))
            .collect(),
        Found::Crossings(list) => list.iter().map(crossing_name).collect(),
        Found::Rows(rows) => rows.iter().map(row_name).collect(),
    }
}

fn crossing_name(crossing: &Crossing) -> String {
    match crossing {
        Crossing::Act { step, .. } => step.act.to_string(),
        Crossing::Move {
            processor, country, ..
        } => format!("move:{processor}:{country}"),
    }
}

/// What makes rows of two placements the same: all but instants, deadlines and chains.
fn row_name(row: &Row) -> String {
    format!(
        "{:?}",
        (
            &row.code,
            &row.count,
            &row.act,
            &row.processor,
            &row.recipient,
            &row.purpose,
            &row.subjects,
            &row.fields,
            &row.because
        )
    )
}

fn named(acts: &[Uncertain]) -> String {
    let mut told: Vec<String> = acts
        .iter()
        .take(NAMES_MAX)
        .map(|act| act.id.to_string())
        .collect();
    if acts.len() > NAMES_MAX {
        told.push(format!("and {} more", acts.len() - NAMES_MAX));
    }
    told.join(", ")
}
