//! Check `safeguard`: acts have the safeguards they need (GDPR 32; PIPL 51).

use super::case::Case;
use super::draft::Draft;
use super::index::Kinds;
use crate::graph::number::Number as _;
use crate::model::id::{ProcessorId, Safeguard};
use crate::model::word::ActKind;

/// Judges acts of these kinds by the safeguards they state.
pub fn judge(
    case: &Case<'_>,
    acts: &[ActKind],
    needs: &[Safeguard],
    processors: Option<&Vec<ProcessorId>>,
    sensitive_only: bool,
    out: &mut Vec<Draft>,
) {
    let limit = case.limit(processors);
    let things = &case.history.things;
    // Acts state few different lists.
    let lists = case.history.safeguards();
    let missing_in: Vec<Vec<&str>> = lists
        .ids()
        .iter()
        .map(|list| {
            let missing = needs.iter().filter(|need| !list.contains(need));
            missing.map(Safeguard::as_str).collect()
        })
        .collect();
    if missing_in.iter().all(Vec::is_empty) {
        return;
    }
    for (number, act) in case.judged_by(Kinds::of(acts), limit.as_deref()) {
        let is_concerned = !sensitive_only || act.fields.iter().any(|field| things.is_sensitive(*field));
        if !is_concerned {
            continue;
        }
        let missing = &missing_in[act.safeguards.index()];
        if !missing.is_empty() {
            let witness = case.path_unless_collect(number, act.fields.first().copied(), &act.subjects);
            out.push(
                Draft::of_act(number, act, act.actor, format!("missing:{}", missing.join(",")))
                    .witness(witness),
            );
        }
    }
}
