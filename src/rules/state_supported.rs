//! Check `state-supported`: a field is anonymized or de-identified only when it was made so (GDPR 4; PIPL 73).

use super::case::Case;
use super::draft::Draft;
use super::index::Kinds;
use crate::graph::FieldNo;
use crate::model::word::{ActKind, Method, State};

/// Judges derivations from personal data by the states that they claim for what they make.
pub fn judge(case: &Case<'_>, out: &mut Vec<Draft>) {
    let things = &case.history.things;
    for (number, act) in case.judged_by(Kinds::of(&[ActKind::Derive]), None) {
        if act.method == Some(Method::Anonymize) {
            continue;
        }
        let made = |state: State| -> Vec<FieldNo> {
            act.makes
                .iter()
                .copied()
                .filter(|field| things.state(*field) == state)
                .collect()
        };
        let any = |state: State| act.fields.iter().any(|field| things.state(*field) == state);
        let is_plain = act.method != Some(Method::Deidentify);
        let wrong = [
            (
                any(State::Identified) || any(State::Deidentified),
                State::Anonymized,
                "anonymity-unsupported",
            ),
            (
                any(State::Identified) && is_plain,
                State::Deidentified,
                "deidentification-unsupported",
            ),
        ];
        for (is_wrong, state, reason) in wrong {
            let fields = made(state);
            if is_wrong && !fields.is_empty() {
                let witness = case.path(number, act.fields.first().copied(), &act.subjects);
                out.push(
                    Draft::of_act(number, act, act.actor, reason)
                        .fields(fields)
                        .witness(witness),
                );
            }
        }
    }
}
