//! Findings about the data of many people at once: what is kept after an agreement, held at a move, never audited.
//!
//! Each subject adds a piece. The pieces of one finding are put together at the end, whichever of them were judged
//! together: so what a commit changes for a few people changes their pieces, and nobody else has to be judged again.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::case::Case;
use super::draft::Draft;
use super::finding::{self, OfAct};
use super::only::Limit;
use crate::graph::{ActNo, CopyNo};
use crate::model::finding::{Culprit, Finding, Step};
use crate::model::id::{FieldId, ProcessorId, SubjectId};
use crate::model::place::Place;
use crate::model::rule::Rule;
use crate::model::time::Instant;

/// How the pieces of one finding are put together. Unless it says otherwise, the witness is that of the least subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gather {
    /// All of them; they have one instant.
    All,
    /// All of them, once the earliest is past.
    Past,
    /// Those of the earliest instant.
    First,
    /// All of them; instant, act and witness are those of the earliest, whose earliest copy this is.
    Earliest(CopyNo),
}

/// What one subject adds to a finding about many.
#[derive(Clone, Debug)]
pub struct Piece {
    /// Place of the rule in the list.
    pub rule: usize,
    /// Whose.
    pub subject: SubjectId,
    how: Gather,
    reason: String,
    at: Instant,
    culprit: Culprit,
    place: Option<Place>,
    processor: ProcessorId,
    fields: Vec<FieldId>,
    because: Vec<String>,
    acted: Option<Acted>,
    /// The acts that prove it, as long as the case is there in which they have numbers.
    chain: Option<Vec<ActNo>>,
}

/// The act that a piece is about.
#[derive(Clone, Debug)]
struct Acted {
    number: ActNo,
    /// When it takes place: of two cases, acts are compared by that alone.
    at: Instant,
}

/// A finding about many, put together.
#[derive(Clone, Debug)]
pub struct Whole {
    key: Key,
    /// The subject that gave the witness.
    from: SubjectId,
    act: Option<(ActNo, Step)>,
    /// The finding.
    pub finding: Arc<Finding>,
}

impl Whole {
    /// The finding and the act that it is about.
    pub fn into_finding(self) -> (Arc<Finding>, Option<ActNo>) {
        (self.finding, self.act.map(|(number, _)| number))
    }
}

/// What the pieces of one finding have in common: rule, what is wrong, who answers for it, why, and since when.
type Key = (usize, String, ProcessorId, String, Option<Instant>);

/// Why pieces cannot be put together.
#[derive(Debug)]
pub enum Lacking {
    /// The witness of these subjects is not known: their acts have to be judged again.
    Chains(Vec<SubjectId>),
    /// Which of several acts was recorded first cannot be told without the others.
    Order,
}

/// Puts pieces in an order that does not depend on which were found first: by rule, instant and subject.
pub fn sort(pieces: &mut [Piece]) {
    pieces.sort_by(|a, b| (a.rule, a.at, &a.subject).cmp(&(b.rule, b.at, &b.subject)));
}

impl Piece {
    /// The piece of a draft that is one.
    pub fn new(case: &Case<'_>, rule: usize, draft: Draft) -> Option<Self> {
        let how = draft.gather?;
        let subject = *draft.subjects.first()?;
        let things = &case.history.things;
        let mut fields: Vec<FieldId> = draft
            .fields
            .iter()
            .map(|field| things.fields().id(*field).clone())
            .collect();
        fields.sort_unstable();
        fields.dedup();
        let acted = draft.act.map(|number| Acted {
            number,
            at: case.act(number).at,
        });
        Some(Self {
            rule,
            subject: case.subject_id(subject).clone(),
            how,
            reason: draft.reason,
            at: draft.at,
            culprit: draft.culprit,
            place: draft.place,
            processor: case.processor_id(draft.processor).clone(),
            fields,
            because: draft.because,
            acted,
            chain: Some(draft.witness),
        })
    }

    /// The same when the case is gone in which it was found.
    pub fn forget_case(&mut self) {
        self.chain = None;
    }

    fn key(&self) -> Key {
        let (culprit, reason, at) = match self.how {
            Gather::All => (self.culprit.as_str(), self.reason.as_str(), Some(self.at)),
            Gather::Past => (self.culprit.as_str(), self.reason.as_str(), None),
            // Why it is wrong is what it is at the first instant.
            Gather::First => (self.culprit.as_str(), "", None),
            // It is about whichever act is the earliest.
            Gather::Earliest(_) => ("", self.reason.as_str(), None),
        };
        (
            self.rule,
            culprit.to_owned(),
            self.processor.clone(),
            reason.to_owned(),
            at,
        )
    }

    /// Whether it comes before another one in the record; `None` when nobody can say.
    fn is_before(&self, other: &Self) -> Option<bool> {
        let rank = |piece: &Self| (piece.at, piece.acted.as_ref().map(|acted| acted.at));
        match rank(self).cmp(&rank(other)) {
            Ordering::Less => Some(true),
            Ordering::Greater => Some(false),
            Ordering::Equal => {
                // Numbers of one case say what was recorded first; whoever has a part in one act is judged together.
                let is_one_case =
                    self.culprit == other.culprit || (self.chain.is_some() && other.chain.is_some());
                let number = |piece: &Self| {
                    let Gather::Earliest(copy) = piece.how else {
                        return None;
                    };
                    Some((piece.acted.as_ref()?.number, copy))
                };
                is_one_case.then(|| number(self) < number(other))
            }
        }
    }
}

/// Puts pieces together. Those with a chain are of this case; of the others the witness is taken from what was put
/// together before, if the same subject gave it.
pub fn put_together(
    case: &Case<'_>,
    rules: &[&Rule],
    pieces: &[Piece],
    before: &[Whole],
) -> Result<Vec<Whole>, Lacking> {
    let mut groups: BTreeMap<Key, Vec<&Piece>> = BTreeMap::new();
    for piece in pieces {
        groups.entry(piece.key()).or_default().push(piece);
    }
    let mut wholes = Vec::new();
    let mut lacking = Vec::new();
    for (key, mut group) in groups {
        let Some(first) = group.iter().map(|piece| piece.at).min() else {
            continue;
        };
        let how = group[0].how;
        if how == Gather::Past && case.as_of <= first {
            continue;
        }
        if how == Gather::First {
            group.retain(|piece| piece.at == first);
        }
        let speaks = if let Gather::Earliest(_) = how {
            earliest(&group)?
        } else {
            let least = group.iter().min_by(|a, b| a.subject.cmp(&b.subject));
            least.copied().unwrap_or(group[0])
        };
        let known = before
            .iter()
            .find(|whole| whole.key == key && whole.from == speaks.subject);
        let (witness, act) = match (&speaks.chain, known) {
            (Some(chain), _) => (
                chain.iter().map(|act| case.history.step(*act)).collect(),
                speaks.acted.as_ref().map(|acted| {
                    let act = case.history.step_of(case.act(acted.number));
                    (acted.number, act)
                }),
            ),
            (None, Some(known)) => (known.finding.witness.clone(), known.act.clone()),
            (None, None) => {
                lacking.push(speaks.subject.clone());
                continue;
            }
        };
        let rule = rules[key.0];
        let step = act.as_ref().map(|(_, step)| step);
        if let Some(finding) = whole(case, rule, &group, (speaks, first), (witness, step)) {
            wholes.push(Whole {
                key,
                from: speaks.subject.clone(),
                act,
                finding,
            });
        }
    }
    if lacking.is_empty() {
        Ok(wholes)
    } else {
        Err(Lacking::Chains(lacking))
    }
}

fn earliest<'p>(group: &[&'p Piece]) -> Result<&'p Piece, Lacking> {
    let mut best = group[0];
    for piece in &group[1..] {
        if piece.is_before(best).ok_or(Lacking::Order)? {
            best = piece;
        }
    }
    Ok(best)
}

/// The finding, unless the rule is not meant for it.
fn whole(
    case: &Case<'_>,
    rule: &Rule,
    group: &[&Piece],
    (speaks, first): (&Piece, Instant),
    (witness, act): (Vec<Step>, Option<&Step>),
) -> Option<Arc<Finding>> {
    let mut fields: Vec<FieldId> = group
        .iter()
        .flat_map(|piece| piece.fields.iter().cloned())
        .collect();
    fields.sort_unstable();
    fields.dedup();
    let things = &case.history.things;
    let limit = Limit::new(case, &rule.only);
    let numbers = things.field_numbers(&fields);
    let processor = things.processors().get(&speaks.processor)?;
    let of_act = act.map(|act| {
        let purpose = act.purpose.as_ref().and_then(|id| things.purposes().get(id));
        (act.kind, purpose)
    });
    if !limit.admits(case, &speaks.reason, (processor, first), &numbers, of_act) {
        return None;
    }
    let subjects = group.iter().map(|piece| piece.subject.clone()).collect();
    let because = group
        .iter()
        .flat_map(|piece| piece.because.iter().cloned())
        .collect();
    let of_step = act.map_or(OfAct::None, |step| OfAct::Step(step.clone()));
    let made = finding::Made {
        reason: speaks.reason.clone(),
        at: first,
        during: Vec::new(),
        culprit: speaks.culprit.clone(),
        place: speaks.place.clone(),
        processor: speaks.processor.clone(),
        subjects,
        fields,
        because,
        witness,
    };
    Some(finding::seal(case, rule, None, made, &of_step))
}
