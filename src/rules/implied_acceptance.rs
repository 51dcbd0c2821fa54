//! Check `implied-acceptance`: going on, or saying nothing, is no consent (GDPR 4(11); PIPL 14).

use super::case::Case;
use super::draft::Draft;
use super::index::Kinds;
use crate::graph::{FieldNo, SubjectNo};
use crate::model::id::FactId;
use crate::model::word::{ActKind, Basis};
use crate::policy::coverage::Pair;

/// Judges acts that rest on implied consents alone.
pub fn judge(case: &Case<'_>, out: &mut Vec<Draft>) {
    let implied: Vec<&FactId> = case
        .authorizations()
        .filter(|(authorization, _)| authorization.basis == Basis::Consent && authorization.implied)
        .map(|(authorization, _)| &authorization.id)
        .collect();
    if implied.is_empty() {
        return;
    }
    let judged = [
        ActKind::Collect,
        ActKind::Derive,
        ActKind::Use,
        ActKind::Share,
        ActKind::Verify,
        ActKind::Disclose,
    ];
    for (number, act) in case.judged_by(Kinds::of(&judged), None) {
        let mut because: Vec<&FactId> = Vec::new();
        let mut pairs: Vec<(SubjectNo, FieldNo)> = Vec::new();
        for ((subject, field), held) in act.pairs().zip(case.held(number)) {
            let pair = Pair {
                subject,
                field,
                held: *held,
            };
            let covering = case.coverage.covering(&case.history, &case.replay, act, pair);
            let names: Vec<&FactId> = covering
                .into_iter()
                .map(|position| &case.coverage.authorization(position).id)
                .collect();
            if !names.is_empty() && names.iter().all(|name| implied.contains(name)) {
                because.extend(names);
                pairs.push((subject, field));
            }
        }
        let Some((subject, field)) = case.least_pair(pairs.iter().copied(), |pair| pair) else {
            continue;
        };
        let witness = case.path_unless_collect(number, Some(field), &[subject]);
        out.push(
            Draft::of_act(number, act, act.actor, "implied-acceptance")
                .subjects(pairs.iter().map(|(subject, _)| *subject).collect())
                .fields(pairs.iter().map(|(_, field)| *field).collect())
                .because(because)
                .witness(witness),
        );
    }
}
