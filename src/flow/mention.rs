//! Which attributes a text of policies looks at: two acts that agree in these get the same decision.

use std::collections::BTreeSet;

use cedar_policy::{
    ActionConstraint, Context, Entities, EvalResult, Expression, PolicySet, PrincipalConstraint, Request,
    ResourceConstraint, eval_expression,
};
use serde_json::Value;
use std::str::FromStr as _;

use crate::model::time::Instant;

/// What policies look at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mentions {
    /// Who acts.
    pub principal: bool,
    /// Which data.
    pub resource: bool,
    /// The whole context, not only single attributes of it.
    everything: bool,
    attributes: BTreeSet<String>,
    /// How the instant of an act is looked at.
    pub instant: InstantUse,
}

/// How policies look at the instant of an act.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum InstantUse {
    /// Not at all.
    #[default]
    Never,
    /// Only by comparing it with these, in milliseconds since 1970, sorted.
    Against(Vec<i64>),
    /// In some other way.
    Freely,
}

impl Mentions {
    /// What these policies look at.
    pub fn of(set: &PolicySet) -> Self {
        let mut mentions = Self::default();
        let mut walk = Walk {
            mentions: &mut mentions,
            literals: Vec::new(),
            is_free: false,
        };
        for policy in set.policies() {
            walk.mentions.principal |= policy.principal_constraint() != PrincipalConstraint::Any;
            walk.mentions.resource |= policy.resource_constraint() != ResourceConstraint::Any;
            // Which act it is always counts.
            let _: ActionConstraint = policy.action_constraint();
            match policy.to_json() {
                Ok(json) => walk.expression(&json["conditions"]),
                Err(_) => walk.all(),
            }
        }
        let (literals, is_free) = (walk.literals, walk.is_free);
        mentions.instant = if is_free {
            InstantUse::Freely
        } else if mentions.looks_at("at") {
            let mut instants: Vec<i64> = literals;
            instants.sort_unstable();
            instants.dedup();
            InstantUse::Against(instants)
        } else {
            InstantUse::Never
        };
        mentions
    }

    /// Whether the policies look at an attribute of the context.
    pub fn looks_at(&self, attribute: &str) -> bool {
        self.everything || self.attributes.contains(attribute)
    }
}

impl InstantUse {
    /// The instants between which no policy tells two instants apart; `None` when policies may look at them in any way.
    /// They see milliseconds, so each literal begins and ends one.
    pub fn instants(&self) -> Option<Vec<Instant>> {
        let literals: &[i64] = match self {
            Self::Never => &[],
            Self::Against(literals) => literals,
            Self::Freely => return None,
        };
        let begins = |millis: i64| Instant::from_micros(millis.saturating_mul(1_000));
        Some(
            literals
                .iter()
                .flat_map(|millis| [begins(*millis), begins(millis.saturating_add(1))])
                .collect(),
        )
    }

    /// A number that is equal for instants that no policy tells apart.
    pub fn bucket(&self, millis: i64) -> i64 {
        match self {
            Self::Never => 0,
            Self::Freely => millis,
            Self::Against(instants) => {
                let below = instants.partition_point(|instant| *instant < millis);
                let is_on = instants.get(below) == Some(&millis);
                i64::try_from(below * 2 + usize::from(is_on)).unwrap_or(millis)
            }
        }
    }
}

struct Walk<'m> {
    mentions: &'m mut Mentions,
    literals: Vec<i64>,
    is_free: bool,
}

const COMPARISONS: [&str; 6] = ["<", "<=", ">", ">=", "==", "!="];

impl Walk<'_> {
    fn all(&mut self) {
        self.mentions.principal = true;
        self.mentions.resource = true;
        self.mentions.everything = true;
        self.is_free = true;
    }

    fn expression(&mut self, json: &Value) {
        match json {
            Value::Array(items) => items.iter().for_each(|item| self.expression(item)),
            Value::Object(map) => {
                for (key, value) in map {
                    self.operator(key, value);
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }

    fn operator(&mut self, key: &str, value: &Value) {
        match key {
            "Var" => match value.as_str() {
                Some("principal") => self.mentions.principal = true,
                Some("resource") => self.mentions.resource = true,
                Some("context") => {
                    self.mentions.everything = true;
                    self.is_free = true;
                }
                _ => {}
            },
            "." | "has" if value["left"]["Var"] == "context" => {
                let attribute = value["attr"].as_str().unwrap_or_default();
                self.mentions.attributes.insert(attribute.to_owned());
                // Compared instants are met below, before they get here.
                self.is_free |= key == "." && attribute == "at";
            }
            // A literal value holds no variables, whatever its keys look like.
            "Value" => {}
            comparison if COMPARISONS.contains(&comparison) => {
                let (left, right) = (&value["left"], &value["right"]);
                let literal = if is_instant(left) {
                    literal(right)
                } else if is_instant(right) {
                    literal(left)
                } else {
                    None
                };
                if let Some(literal) = literal {
                    self.mentions.attributes.insert("at".to_owned());
                    self.literals.push(literal);
                } else {
                    self.expression(value);
                }
            }
            _ => self.expression(value),
        }
    }
}

/// Whether it is `context.at`.
fn is_instant(json: &Value) -> bool {
    let access = &json["."];
    access["left"]["Var"] == "context" && access["attr"] == "at"
}

/// The milliseconds of `datetime("…")`; `None` for anything else.
fn literal(json: &Value) -> Option<i64> {
    let text = json["datetime"][0]["Value"].as_str()?;
    let quoted = serde_json::to_string(text).ok()?;
    let expression = format!("datetime({quoted}).durationSince(datetime(\"1970-01-01\")).toMilliseconds()");
    let nobody = r#"Subject::"""#.parse().ok()?;
    let nothing = r#"Action::"use""#.parse().ok()?;
    let request = Request::new(
        r#"Processor::"""#.parse().ok()?,
        nothing,
        nobody,
        Context::empty(),
        None,
    )
    .ok()?;
    let expression = Expression::from_str(&expression).ok()?;
    if let EvalResult::Long(millis) = eval_expression(&request, &Entities::empty(), &expression).ok()? {
        Some(millis)
    } else {
        None
    }
}
