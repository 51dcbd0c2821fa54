//! Moments of standing acts.
//!
//! A standing act is judged, for each subject by itself, as an act at each instant at which it is active and its actor
//! holds something of what it names, with the fields that are held then. Between two instants at which a fact changes
//! that could matter nothing changes, so the first instant of each such stretch speaks for all of it. Drafts that say
//! the same of several moments are joined into one.

use std::collections::BTreeSet;

use rustc_hash::FxHashMap;

use super::case::Case;
use super::draft::Draft;
use crate::graph::number::Number as _;
use crate::graph::origin::origins;
use crate::graph::replay::Held;
use crate::graph::{Act, ActNo, FieldNo, History, ProcessorNo, PurposeNo, Replay, SubjectNo, Things};
use crate::model::fact::{Agreement, Assessment, Fact, Stated};
use crate::model::id::{ProcessorId, SubjectId};
use crate::model::time::{Instant, Stretch, joined};
use crate::model::word::{ActKind, Role};
use crate::policy::coverage::Coverage;

/// A standing act for one subject, as it is from an instant on.
#[derive(Clone, Debug)]
pub struct Moment {
    /// The standing act.
    pub of: ActNo,
    /// The same at this instant: one subject, the fields that are held.
    pub act: Act,
    /// What is held of each field.
    pub held: Vec<Held>,
    /// How long it stays so.
    pub span: Stretch,
}

/// The instants at which facts change, by whom they concern.
#[derive(Default)]
struct Changes {
    by_processor: FxHashMap<ProcessorNo, Vec<Instant>>,
    by_subject: FxHashMap<SubjectNo, Vec<Instant>>,
}

/// Data held without a break while the act is active.
struct Piece {
    field: FieldNo,
    life: crate::graph::replay::LifeNo,
    span: Stretch,
}

/// The moments of all standing acts, those of one act side by side, and where they lie.
pub fn moments(
    history: &History,
    replay: &Replay,
    coverage: &Coverage,
    facts: &[Stated],
) -> (Vec<Moment>, FxHashMap<ActNo, (usize, usize)>) {
    let mut moments = Vec::new();
    let mut places = FxHashMap::default();
    if !replay.has_standing() {
        return (moments, places);
    }
    let changes = changes(history, facts);
    for (number, act) in history.numbered() {
        if act.when.standing().is_none() {
            continue;
        }
        let from = moments.len();
        for subject in &act.subjects {
            let pieces = pieces(replay, number, act, *subject);
            if !pieces.is_empty() {
                let cuts = cuts(history, replay, coverage, &changes, act, *subject, &pieces);
                of_subject(replay, number, act, *subject, &pieces, &cuts, &mut moments);
            }
        }
        for moment in &mut moments[from..] {
            if let Some(judged) = history.as_judged(&moment.act) {
                moment.act = judged;
            }
        }
        places.insert(number, (from, moments.len()));
    }
    (moments, places)
}

/// The lives of what the act names, as far as the act is active in them.
fn pieces(replay: &Replay, number: ActNo, act: &Act, subject: SubjectNo) -> Vec<Piece> {
    let Some((from, until)) = act.when.standing() else {
        return Vec::new();
    };
    let mut pieces = Vec::new();
    for field in &act.fields {
        for (life, first, end) in replay.lives_at(act.actor, *field, subject) {
            let begins = replay.copy(first).start;
            if until.is_some_and(|until| begins >= until) || end.is_some_and(|end| end.by < number) {
                continue;
            }
            let ends = [until, end.map(|end| end.at)].into_iter().flatten().min();
            pieces.push(Piece {
                field: *field,
                life,
                span: (begins.max(from), ends),
            });
        }
    }
    pieces
}

fn is_point(piece: &Piece) -> bool {
    piece.span.1 == Some(piece.span.0)
}

/// The instants at which something changes that could matter to the act.
fn cuts(
    history: &History,
    replay: &Replay,
    coverage: &Coverage,
    changes: &Changes,
    act: &Act,
    subject: SubjectNo,
    pieces: &[Piece],
) -> BTreeSet<Instant> {
    let mut cuts: BTreeSet<Instant> = BTreeSet::new();
    let things = &history.things;
    let mut parties = vec![act.actor];
    for party in things.ever_around(act.actor) {
        parties.extend(coverage.joint_with(party));
    }
    for piece in pieces {
        cuts.insert(piece.span.0);
        cuts.extend(piece.span.1);
        // Of copies only those are news that bring a role or a kind of acquisition that was not there before, or that
        // another principal's agreement may be behind.
        let mut seen = Vec::new();
        for number in replay.copies_of_life(piece.life, usize::MAX) {
            let copy = replay.copy(*number);
            let via = history.act(copy.via);
            let is_assigned = copy.role == Role::Assigned;
            if is_assigned {
                let origins = origins(history, replay, &[*number]);
                parties.extend(
                    origins
                        .iter()
                        .map(|origin| history.act(replay.copy(*origin).via).actor),
                );
            }
            let is_delegated = copy.role == Role::Delegated;
            let kind = (copy.role, via.kind, is_delegated.then_some(via.actor));
            let is_made = is_delegated && via.kind == ActKind::Derive;
            let is_inward = history.is_inward(via, copy.start);
            if is_assigned || is_made || is_inward || !seen.contains(&kind) {
                seen.push(kind);
                cuts.insert(copy.start);
            }
        }
    }
    let concerned = all_around(things, std::iter::once(act.actor).chain(act.recipient));
    let mut parties = all_around(things, parties.into_iter());
    parties.sort_unstable();
    parties.dedup();
    for party in &parties {
        cuts.extend(coverage.changes(*party, subject));
        if things.is_nested() {
            cuts.extend(things.moves_of(*party));
        }
    }
    cuts.extend(
        concerned
            .iter()
            .filter_map(|party| changes.by_processor.get(party))
            .flatten(),
    );
    let serves = |root: &PurposeNo| {
        act.purpose
            .is_some_and(|purpose| things.serves(purpose, &[*root]))
    };
    let roots = things.purposes().all().filter(serves);
    cuts.extend(roots.filter_map(|root| things.ended(root)));
    cuts.extend(changes.by_subject.get(&subject).into_iter().flatten());
    cuts.extend(coverage.of_age(subject));
    cuts
}

/// These processors and all that is ever around them.
fn all_around(things: &Things, processors: impl Iterator<Item = ProcessorNo>) -> Vec<ProcessorNo> {
    processors
        .flat_map(|processor| things.ever_around(processor))
        .collect()
}

fn of_subject(
    replay: &Replay,
    number: ActNo,
    act: &Act,
    subject: SubjectNo,
    pieces: &[Piece],
    cuts: &BTreeSet<Instant>,
    moments: &mut Vec<Moment>,
) {
    let cuts: Vec<Instant> = cuts.iter().copied().collect();
    let mut push = |at: Instant, until: Option<Instant>, held: Vec<&Piece>| {
        if held.is_empty() {
            return;
        }
        let stretch = |piece: &Piece| replay.stretch_of_life(piece.life, replay.copies_until(at));
        let pairs: Vec<(FieldNo, Held)> = held
            .into_iter()
            .filter_map(|piece| Some((piece.field, Held::Copies(stretch(piece)?))))
            .collect();
        moments.push(Moment {
            of: number,
            act: Act {
                at,
                subjects: [subject].into(),
                fields: pairs.iter().map(|(field, _)| *field).collect(),
                ..act.clone()
            },
            held: pairs.into_iter().map(|(_, held)| held).collect(),
            span: (at, until),
        });
    };
    for (i, at) in cuts.iter().enumerate() {
        let lasts = |piece: &&Piece| piece.span.0 <= *at && piece.span.1.is_none_or(|until| *at < until);
        let is_here = |piece: &&Piece| is_point(piece) && piece.span.0 == *at;
        if pieces.iter().any(|piece| is_here(&piece)) {
            let both = |piece: &&Piece| is_here(piece) || lasts(piece);
            push(*at, Some(*at), pieces.iter().filter(both).collect());
        }
        push(
            *at,
            cuts.get(i + 1).copied(),
            pieces.iter().filter(lasts).collect(),
        );
    }
}

fn changes(history: &History, facts: &[Stated]) -> Changes {
    let mut changes = Changes::default();
    let things = &history.things;
    for processor in things.processors().all() {
        let moves = things.processor(processor).moves.iter().map(|change| change.at);
        changes.by_processor.entry(processor).or_default().extend(moves);
    }
    let mut at_processor = |id: &ProcessorId, instants: &[Option<Instant>]| {
        if let Some(number) = things.processors().get(id) {
            let list = changes.by_processor.entry(number).or_default();
            list.extend(instants.iter().copied().flatten());
        }
    };
    for act in history.acts().iter().filter(|act| act.kind == ActKind::Restrict) {
        for subject in &act.subjects {
            changes.by_subject.entry(*subject).or_default().push(act.at);
        }
    }
    let mut of_subjects: Vec<(&SubjectId, Instant)> = Vec::new();
    for stated in facts {
        match &stated.fact {
            Fact::Agreement(Agreement::Delegation(x)) => {
                at_processor(&x.principal, &[Some(x.from), x.until]);
                at_processor(&x.delegate, &[Some(x.from), x.until]);
            }
            Fact::Agreement(Agreement::Confidentiality(x) | Agreement::Partner(x)) => {
                at_processor(&x.between[0], &[Some(x.from), x.until]);
            }
            Fact::Agreement(Agreement::Joint(x)) => {
                for party in &x.between {
                    at_processor(party, &[Some(x.from), x.until]);
                }
            }
            Fact::Policy(x) => at_processor(&x.processor, &[Some(x.effective), x.announced]),
            // A notice matters to whom it names: what others are told must not change what is found about them.
            Fact::Notice(x) if x.subjects.iter().any(SubjectId::is_everyone) => {
                at_processor(&x.processor, &[Some(x.at)]);
            }
            Fact::Notice(x) => of_subjects.extend(x.subjects.iter().map(|subject| (subject, x.at))),
            Fact::Evidence(x) => at_processor(&x.processor, &[Some(x.from), x.until]),
            Fact::Mechanism(x) => at_processor(&x.from_processor, &[Some(x.from), x.until]),
            Fact::Assessment(
                Assessment::Impact { processor, at, .. } | Assessment::Recipient { processor, at, .. },
            ) => at_processor(processor, &[Some(*at)]),
            Fact::Termination(x) => at_processor(&x.by, &[Some(x.at)]),
            Fact::Choice(x) => of_subjects.push((&x.subject, x.at)),
            Fact::Closure(x) => of_subjects.push((&x.subject, x.at)),
            Fact::Subject(_)
            | Fact::Cohort(_)
            | Fact::Category(_)
            | Fact::Field(_)
            | Fact::Processor(_)
            | Fact::Purpose(_)
            | Fact::Authorization(_)
            | Fact::RetentionPeriod(_)
            | Fact::Request(_)
            | Fact::Incident(_)
            | Fact::Audit(_)
            | Fact::Act(_)
            | Fact::Rule(_)
            | Fact::Retraction(_)
            | Fact::Suppression(_)
            | Fact::Compatibility(_) => {}
        }
    }
    for (subject, at) in of_subjects {
        for number in history.subject_numbers(std::slice::from_ref(subject)) {
            changes.by_subject.entry(number).or_default().push(at);
        }
    }
    changes
}

/// When something holds of an act that, in a moment of a standing one, holds from some copy on: copies are only added.
pub struct Time {
    /// Since when.
    pub at: Instant,
    /// How many copies there were then.
    pub first: usize,
    /// How many there were in the end.
    pub last: usize,
    /// Of a standing act: from then on until the end of the moment.
    pub during: Option<Stretch>,
}

impl Time {
    /// `None` when it never holds; `holds` says it as of a number of copies. Cost: as many calls as the number of copies
    /// has digits.
    pub fn new(case: &Case<'_>, number: ActNo, holds: impl Fn(usize) -> bool) -> Option<Self> {
        let Some(moment) = case.moment(number) else {
            let made = case.copies_made(number);
            return holds(made).then_some(Self {
                at: case.act(number).at,
                first: made,
                last: made,
                during: None,
            });
        };
        let (from, until) = moment.span;
        let begin = case.replay.copies_until(from);
        let last = match until {
            Some(until) => case.replay.copies_earlier_than(until).max(begin),
            None => case.replay.count(),
        };
        if !holds(last) {
            return None;
        }
        let (mut low, mut high) = (begin, last);
        while low < high {
            let middle = low.midpoint(high);
            if holds(middle) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        let added = (low > begin).then(|| case.replay.copies().nth(low - 1)).flatten();
        let at = added.map_or(from, |(_, copy)| copy.start);
        Some(Self {
            at,
            first: case.replay.copies_until(at),
            last,
            during: Some((at, until)),
        })
    }
}

/// What joined drafts have in common: act, reason, deciding facts, processor.
type Same = (ActNo, String, Vec<String>, ProcessorNo);

/// What speaks for joined drafts is the first of them: by instant, then by subject.
type Rank = (Instant, SubjectId);

/// Joins the drafts of one rule that say the same of several moments of one act: subjects, fields and stretches are
/// united; the one that begins first, for the least pair, gives instant and witness.
pub fn join(case: &Case<'_>, drafts: Vec<Draft>) -> Vec<Draft> {
    if !case.replay.has_standing() {
        return drafts;
    }
    let mut kept: Vec<Draft> = Vec::with_capacity(drafts.len());
    let mut places: FxHashMap<Same, (usize, Rank)> = FxHashMap::default();
    for mut draft in drafts {
        let Some(moment) = draft.act.and_then(|number| case.moment(number)) else {
            kept.push(draft);
            continue;
        };
        if draft.during.is_empty() {
            draft.during = vec![moment.span];
        }
        let mut because = draft.because.clone();
        because.sort_unstable();
        because.dedup();
        let key = (moment.of, draft.reason.clone(), because, draft.processor);
        let rank = (draft.at, case.subject_id(moment.act.subjects[0]).clone());
        let Some((place, first_rank)) = places.get_mut(&key) else {
            places.insert(key, (kept.len(), rank));
            kept.push(draft);
            continue;
        };
        let first = &mut kept[*place];
        if rank < *first_rank {
            *first_rank = rank;
            std::mem::swap(first, &mut draft);
        }
        first.subjects.extend(draft.subjects);
        first.fields.extend(draft.fields);
        first.during.extend(draft.during);
    }
    for draft in &mut kept {
        draft.during = joined(std::mem::take(&mut draft.during));
        draft.subjects.sort_unstable();
        draft.subjects.dedup();
    }
    kept
}

/// The pseudo number of the moment at this place behind `acts` acts.
pub fn number_of(acts: usize, place: usize) -> Option<ActNo> {
    ActNo::from_index(acts + place)
}
