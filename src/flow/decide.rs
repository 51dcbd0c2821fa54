//! Decisions: which policies stand against one act and one pair of subject and field.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;
use std::sync::LazyLock;

use cedar_policy::{
    Authorizer, Context, Decision, Entities, Entity, EntityId, EntityTypeName, EntityUid, Request,
    RestrictedExpression,
};
use rustc_hash::FxHashMap;

use super::mention::Mentions;
use super::read::{FlowPolicies, Policy};
use crate::model::fact::{Category, Field, Processor, Purpose};
use crate::model::id::{CategoryId, Country, FieldId, ProcessorId, PurposeId, Safeguard, SubjectId};
use crate::model::time::Instant;
use crate::model::word::{ActKind, Role, State};

/// The things that policies speak of, with what does not depend on the act.
#[derive(Debug)]
pub struct World {
    entities: Entities,
}

/// What decides against an act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decider {
    /// A policy forbids it.
    Forbids(Policy),
    /// No policy permits it.
    NonePermits,
    /// A policy could not be evaluated, so nobody knows; what the evaluator said.
    Fails(Policy, String),
}

/// One act and one pair.
#[derive(Clone, Debug)]
pub struct Asked<'a> {
    /// Who acts.
    pub actor: &'a ProcessorId,
    /// What kind of act.
    pub kind: ActKind,
    /// Which data.
    pub field: &'a FieldId,
    /// Whose.
    pub subject: &'a SubjectId,
    /// When.
    pub at: Instant,
    /// Whether the subject is a minor then.
    pub is_minor: bool,
    /// Whether the data is sensitive.
    pub is_sensitive: bool,
    /// Its state.
    pub state: State,
    /// Its categories, as declared.
    pub categories: &'a [CategoryId],
    /// Whether it crosses the border of home.
    pub is_crossing: bool,
    /// The organization of who acts.
    pub organization: &'a ProcessorId,
    /// The organization of who receives.
    pub recipient_organization: Option<&'a ProcessorId>,
    /// Safeguards of the act.
    pub safeguards: &'a [Safeguard],
    /// How the actor holds the data.
    pub roles: &'a [Role],
    /// What for.
    pub purpose: Option<&'a PurposeId>,
    /// Who receives.
    pub recipient: Option<&'a ProcessorId>,
    /// Where it was collected from.
    pub source: Option<&'a ProcessorId>,
    /// Where the actor is.
    pub country_from: Option<&'a Country>,
    /// Where it goes.
    pub country_to: Option<&'a Country>,
}

impl Asked<'_> {
    /// Whether it goes to another processor of the actor's own organization.
    fn is_internal(&self) -> bool {
        self.recipient != Some(self.actor) && self.recipient_organization == Some(self.organization)
    }
}

/// The kinds of things, by their names in the schema. Each is read once: the parser takes longer than a decision.
static KINDS: LazyLock<FxHashMap<&'static str, EntityTypeName>> = LazyLock::new(|| {
    let names = ["Action", "Category", "Field", "Processor", "Purpose", "Subject"];
    let read = |name: &'static str| Some((name, name.parse().ok()?));
    names.into_iter().filter_map(read).collect()
});

fn uid(kind: &str, id: &str) -> Option<EntityUid> {
    let kind = KINDS.get(kind)?.clone();
    Some(EntityUid::from_type_name_and_id(kind, EntityId::new(id)))
}

fn text(value: impl Into<String>) -> RestrictedExpression {
    RestrictedExpression::new_string(value.into())
}

impl World {
    /// The things among these facts. `is_sensitive` says it of a field. `None` when they do not fit together, such
    /// as a cycle of categories, which readers refuse.
    pub fn new<'f>(
        processors: impl Iterator<Item = &'f Processor>,
        categories: impl Iterator<Item = &'f Category>,
        fields: impl Iterator<Item = &'f Field>,
        purposes: impl Iterator<Item = &'f Purpose>,
        is_sensitive: impl Fn(&FieldId) -> bool,
    ) -> Option<Self> {
        let mut all: HashMap<EntityUid, Entity> = HashMap::new();
        let mut add = |entity: Entity| all.insert(entity.uid(), entity);
        for processor in processors {
            let mut attributes = HashMap::from([("kind".to_owned(), text(processor.kind.as_str()))]);
            if let Some(group) = &processor.group {
                attributes.insert("group".to_owned(), text(group.as_str()));
            }
            let uid = uid("Processor", processor.id.as_str())?;
            add(Entity::new(uid, attributes, HashSet::new()).ok()?);
        }
        for category in categories {
            let parents = category
                .parent
                .iter()
                .filter_map(|parent| uid("Category", parent.as_str()));
            add(Entity::new_no_attrs(
                uid("Category", category.id.as_str())?,
                parents.collect(),
            ));
        }
        for purpose in purposes {
            let parents = purpose
                .parent
                .iter()
                .filter_map(|parent| uid("Purpose", parent.as_str()));
            add(Entity::new_no_attrs(
                uid("Purpose", purpose.id.as_str())?,
                parents.collect(),
            ));
        }
        for field in fields {
            let attributes = HashMap::from([
                ("state".to_owned(), text(field.state.as_str())),
                (
                    "sensitive".to_owned(),
                    RestrictedExpression::new_bool(is_sensitive(&field.id)),
                ),
            ]);
            let parents = field
                .categories
                .iter()
                .filter_map(|category| uid("Category", category.as_str()));
            let uid = uid("Field", field.id.as_str())?;
            add(Entity::new(uid, attributes, parents.collect()).ok()?);
        }
        Some(Self {
            entities: Entities::from_entities(all.into_values(), None).ok()?,
        })
    }
}

/// The attributes that are looked at, of one act and pair; equal ones get the same decision.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Tuple {
    kind: ActKind,
    instant: i64,
    /// Bits: minor, sensitive, crossing, then one for each role, then internal.
    flags: u8,
    state: Option<State>,
    actor: Option<ProcessorId>,
    field: Option<FieldId>,
    subject: Option<SubjectId>,
    purpose: Option<PurposeId>,
    recipient: Option<ProcessorId>,
    source: Option<ProcessorId>,
    /// Of the actor and of the recipient.
    organizations: (Option<ProcessorId>, Option<ProcessorId>),
    country_from: Option<Country>,
    country_to: Option<Country>,
    categories: Vec<CategoryId>,
    safeguards: Vec<Safeguard>,
}

/// Which attributes of the context are looked at: asked once, and not by name for every act. Each stands for the one of
/// [`Asked`] that has its name.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "one for each attribute")]
#[expect(missing_docs, reason = "each is an attribute by its name")]
pub struct Looks {
    pub minor: bool,
    pub sensitive: bool,
    pub crossing: bool,
    pub roles: bool,
    pub state: bool,
    pub subject: bool,
    pub purpose: bool,
    pub recipient: bool,
    pub source: bool,
    pub internal: bool,
    pub organization: bool,
    pub recipient_organization: bool,
    pub country_from: bool,
    pub country_to: bool,
    pub categories: bool,
    pub safeguards: bool,
}

impl Looks {
    /// What these policies look at.
    pub fn new(mentions: &Mentions) -> Self {
        Self {
            minor: mentions.looks_at("minor"),
            sensitive: mentions.looks_at("sensitive"),
            crossing: mentions.looks_at("crossing"),
            roles: mentions.looks_at("roles"),
            state: mentions.looks_at("state"),
            subject: mentions.looks_at("subject"),
            purpose: mentions.looks_at("purpose"),
            recipient: mentions.looks_at("recipient"),
            source: mentions.looks_at("source"),
            internal: mentions.looks_at("internal"),
            organization: mentions.looks_at("organization"),
            recipient_organization: mentions.looks_at("recipient_organization"),
            country_from: mentions.looks_at("country_from"),
            country_to: mentions.looks_at("country_to"),
            categories: mentions.looks_at("categories"),
            safeguards: mentions.looks_at("safeguards"),
        }
    }
}

/// Decisions of one text of policies in one world, kept by what the policies look at.
pub struct Decisions<'p> {
    policies: &'p FlowPolicies,
    looks: Looks,
    world: World,
    authorizer: Authorizer,
    known: FxHashMap<Tuple, Rc<[Decider]>>,
}

impl<'p> Decisions<'p> {
    /// No decision yet.
    pub fn new(policies: &'p FlowPolicies, world: World) -> Self {
        Self {
            looks: Looks::new(policies.mentions()),
            policies,
            world,
            authorizer: Authorizer::new(),
            known: FxHashMap::default(),
        }
    }

    /// How many different tuples of attributes were decided.
    pub fn decided(&self) -> usize {
        self.known.len()
    }

    /// What stands against the act for this pair, sorted by the name of the policy; nothing when it is permitted.
    /// Cost: one lookup, and one evaluation for each tuple of mentioned attributes not met before.
    pub fn deciders(&mut self, asked: &Asked<'_>) -> Rc<[Decider]> {
        let tuple = self.tuple(asked);
        if let Some(deciders) = self.known.get(&tuple) {
            return Rc::clone(deciders);
        }
        let deciders: Rc<[Decider]> = self.decide(asked).into();
        self.known.insert(tuple, Rc::clone(&deciders));
        deciders
    }

    fn tuple(&self, asked: &Asked<'_>) -> Tuple {
        let (mentions, looks) = (self.policies.mentions(), &self.looks);
        let mut flags = 0;
        let mut flag = |bit: u8, is_set: bool| flags |= u8::from(is_set) << bit;
        flag(0, looks.minor && asked.is_minor);
        flag(1, looks.sensitive && asked.is_sensitive);
        flag(2, looks.crossing && asked.is_crossing);
        flag(7, looks.internal && asked.is_internal());
        if looks.roles {
            for (bit, role) in (3..).zip(Role::ALL) {
                flag(bit, asked.roles.contains(role));
            }
        }
        Tuple {
            kind: asked.kind,
            instant: mentions.instant.bucket(millis(asked.at)),
            flags,
            state: looks.state.then_some(asked.state),
            actor: mentions.principal.then(|| asked.actor.clone()),
            field: mentions.resource.then(|| asked.field.clone()),
            subject: looks.subject.then(|| asked.subject.clone()),
            purpose: asked.purpose.filter(|_| looks.purpose).cloned(),
            recipient: asked.recipient.filter(|_| looks.recipient).cloned(),
            source: asked.source.filter(|_| looks.source).cloned(),
            organizations: (
                looks.organization.then(|| asked.organization.clone()),
                asked
                    .recipient_organization
                    .filter(|_| looks.recipient_organization)
                    .cloned(),
            ),
            country_from: asked.country_from.filter(|_| looks.country_from).cloned(),
            country_to: asked.country_to.filter(|_| looks.country_to).cloned(),
            categories: if looks.categories {
                asked.categories.to_vec()
            } else {
                Vec::new()
            },
            safeguards: if looks.safeguards {
                asked.safeguards.to_vec()
            } else {
                Vec::new()
            },
        }
    }

    fn decide(&self, asked: &Asked<'_>) -> Vec<Decider> {
        let Some(request) = request(asked, self.policies.mentions()) else {
            // Names of any text make a request; should one not, nobody may take silence for a permission.
            return vec![Decider::NonePermits];
        };
        let response = self
            .authorizer
            .is_authorized(&request, &self.policies.set, &self.world.entities);
        let named = |id| self.policies.policies.get(id).cloned();
        let mut deciders: Vec<Decider> = Vec::new();
        if response.decision() == Decision::Deny {
            deciders.extend(
                response
                    .diagnostics()
                    .reason()
                    .filter_map(named)
                    .map(Decider::Forbids),
            );
        }
        deciders.sort_by(|a, b| a.name().cmp(b.name()));
        let mut failed: Vec<Decider> = response
            .diagnostics()
            .errors()
            .filter_map(|error| {
                let cedar_policy::AuthorizationError::PolicyEvaluationError(inner) = error;
                Some(Decider::Fails(
                    named(inner.policy_id())?,
                    inner.inner().to_string(),
                ))
            })
            .collect();
        failed.sort_by(|a, b| a.name().cmp(b.name()));
        deciders.append(&mut failed);
        if response.decision() == Decision::Deny && deciders.is_empty() {
            deciders.push(Decider::NonePermits);
        }
        deciders
    }
}

impl Decider {
    /// The policy's name; `none` when none permits.
    pub fn name(&self) -> &str {
        match self {
            Self::Forbids(policy) | Self::Fails(policy, _) => &policy.id,
            Self::NonePermits => "none",
        }
    }

    /// The policy, when one decides.
    pub fn policy(&self) -> Option<&Policy> {
        match self {
            Self::Forbids(policy) | Self::Fails(policy, _) => Some(policy),
            Self::NonePermits => None,
        }
    }

    /// The reason code.
    pub fn reason(&self) -> String {
        match self {
            Self::Forbids(_) | Self::NonePermits => format!("policy:{}", self.name()),
            Self::Fails(policy, _) => format!("policy-error:{}", policy.id),
        }
    }
}

/// Cedar counts in milliseconds; what is finer is cut off.
pub fn millis(at: Instant) -> i64 {
    at.micros().div_euclid(1_000)
}

/// The request, with what the policies look at and nothing else: making values takes longer than deciding.
fn request(asked: &Asked<'_>, mentions: &Mentions) -> Option<Request> {
    let entity = |kind: &str, id: &str| uid(kind, id).map(RestrictedExpression::new_entity_uid);
    let flag = |is_set| Some(RestrictedExpression::new_bool(is_set));
    let words = |words: Vec<&str>| Some(RestrictedExpression::new_set(words.into_iter().map(text)));
    let mut context: Vec<(String, RestrictedExpression)> = Vec::new();
    let mut put = |name: &str, value: &dyn Fn() -> Option<RestrictedExpression>| {
        if mentions.looks_at(name) {
            context.extend(value().map(|value| (name.to_owned(), value)));
        }
    };
    put("subject", &|| entity("Subject", asked.subject.as_str()));
    put("at", &|| {
        let stamp = jiff::Timestamp::from_millisecond(millis(asked.at)).ok()?;
        let stamp = stamp.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string();
        Some(RestrictedExpression::new_datetime(stamp))
    });
    put("minor", &|| flag(asked.is_minor));
    put("sensitive", &|| flag(asked.is_sensitive));
    put("state", &|| Some(text(asked.state.as_str())));
    put("categories", &|| {
        let categories = asked.categories.iter();
        let entities = categories.filter_map(|category| entity("Category", category.as_str()));
        Some(RestrictedExpression::new_set(entities))
    });
    put("crossing", &|| flag(asked.is_crossing));
    put("internal", &|| flag(asked.is_internal()));
    put("organization", &|| {
        entity("Processor", asked.organization.as_str())
    });
    put("safeguards", &|| {
        words(asked.safeguards.iter().map(Safeguard::as_str).collect())
    });
    put("roles", &|| {
        words(asked.roles.iter().map(|role| role.as_str()).collect())
    });
    put("purpose", &|| entity("Purpose", asked.purpose?.as_str()));
    put("recipient", &|| entity("Processor", asked.recipient?.as_str()));
    put("recipient_organization", &|| {
        entity("Processor", asked.recipient_organization?.as_str())
    });
    put("source", &|| entity("Processor", asked.source?.as_str()));
    put("country_from", &|| Some(text(asked.country_from?.as_str())));
    put("country_to", &|| Some(text(asked.country_to?.as_str())));
    Request::new(
        uid("Processor", asked.actor.as_str())?,
        uid("Action", asked.kind.as_str())?,
        uid("Field", asked.field.as_str())?,
        Context::from_pairs(context).ok()?,
        None,
    )
    .ok()
}
