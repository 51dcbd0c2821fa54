//! The things a history speaks of: categories, fields, processors and purposes, numbered.

use super::nesting::Nesting;
use super::number::{CategoryNo, FieldNo, Names, Number as _, ProcessorNo, PurposeNo};
use super::tree::Tree;
use crate::model::fact::{Category, Fact, Field, Processor, Purpose};
use crate::model::id::{CategoryId, Country, FieldId, ProcessorId, PurposeId};
use crate::model::time::Instant;
use crate::model::word::State;

/// Categories, fields, processors and purposes, in the order of the record.
#[derive(Clone, Debug, Default)]
pub struct Things {
    /// What counts as domestic.
    pub home: Option<Country>,
    categories: Names<CategoryId, CategoryNo>,
    category_tree: Tree,
    fields: Names<FieldId, FieldNo>,
    field_facts: Vec<Field>,
    field_categories: Vec<Vec<CategoryNo>>,
    field_sensitive: Vec<bool>,
    processors: Names<ProcessorId, ProcessorNo>,
    processor_facts: Vec<Processor>,
    pub(super) nesting: Nesting,
    purposes: Names<PurposeId, PurposeNo>,
    purpose_tree: Tree,
    purpose_facts: Vec<Purpose>,
    purpose_needs: Vec<Option<Vec<FieldNo>>>,
}

impl Things {
    /// Numbers the things among these facts. Facts that were read from a document name nothing unknown; a name
    /// that is unknown all the same is left out.
    pub fn new<'f>(home: Country, facts: impl Iterator<Item = &'f Fact> + Clone) -> Self {
        let mut things = Self {
            home: Some(home),
            ..Self::default()
        };
        let mut category_facts: Vec<&Category> = Vec::new();
        for fact in facts {
            match fact {
                Fact::Category(category) => {
                    if things.categories.number(&category.id).is_some() {
                        category_facts.push(category);
                    }
                }
                Fact::Field(field) => {
                    if things.fields.number(&field.id).is_some() {
                        things.field_facts.push(field.clone());
                    }
                }
                Fact::Processor(processor) => {
                    if things.processors.number(&processor.id).is_some() {
                        things.processor_facts.push(processor.clone());
                    }
                }
                Fact::Purpose(purpose) => {
                    if things.purposes.number(&purpose.id).is_some() {
                        things.purpose_facts.push(purpose.clone());
                    }
                }
                Fact::Subject(_)
                | Fact::Cohort(_)
                | Fact::Authorization(_)
                | Fact::Choice(_)
                | Fact::Agreement(_)
                | Fact::Mechanism(_)
                | Fact::Assessment(_)
                | Fact::RetentionPeriod(_)
                | Fact::Notice(_)
                | Fact::Policy(_)
                | Fact::Request(_)
                | Fact::Closure(_)
                | Fact::Incident(_)
                | Fact::Audit(_)
                | Fact::Termination(_)
                | Fact::Evidence(_)
                | Fact::Act(_)
                | Fact::Rule(_)
                | Fact::Suppression(_)
                | Fact::Compatibility(_)
                | Fact::Retraction(_) => {}
            }
        }
        things.nesting = Nesting::new(&things.processor_facts, &things.processors);
        things.connect(&category_facts);
        things
    }

    fn connect(&mut self, category_facts: &[&Category]) {
        let parents: Vec<Option<usize>> = category_facts
            .iter()
            .map(|category| Some(self.categories.get(category.parent.as_ref()?)?.index()))
            .collect();
        self.category_tree = Tree::new(&parents);
        let sensitive: Vec<usize> = (0..category_facts.len())
            .filter(|i| category_facts[*i].sensitive)
            .collect();
        for field in &self.field_facts {
            let numbers: Vec<CategoryNo> = field
                .categories
                .iter()
                .filter_map(|id| self.categories.get(id))
                .collect();
            let is_sensitive = numbers.iter().any(|category| {
                sensitive
                    .iter()
                    .any(|root| self.category_tree.at_or_under(category.index(), *root))
            });
            self.field_categories.push(numbers);
            self.field_sensitive.push(is_sensitive);
        }
        let parents: Vec<Option<usize>> = self
            .purpose_facts
            .iter()
            .map(|purpose| Some(self.purposes.get(purpose.parent.as_ref()?)?.index()))
            .collect();
        self.purpose_tree = Tree::new(&parents);
        self.purpose_needs = self
            .purpose_facts
            .iter()
            .map(|purpose| Some(self.field_numbers(purpose.needs.as_ref()?)))
            .collect();
    }

    /// Categories and their numbers.
    pub fn categories(&self) -> &Names<CategoryId, CategoryNo> {
        &self.categories
    }

    /// Fields and their numbers.
    pub fn fields(&self) -> &Names<FieldId, FieldNo> {
        &self.fields
    }

    /// Processors and their numbers.
    pub fn processors(&self) -> &Names<ProcessorId, ProcessorNo> {
        &self.processors
    }

    /// Purposes and their numbers.
    pub fn purposes(&self) -> &Names<PurposeId, PurposeNo> {
        &self.purposes
    }

    /// The numbers of known fields among these.
    pub fn field_numbers(&self, ids: &[FieldId]) -> Vec<FieldNo> {
        ids.iter().filter_map(|id| self.fields.get(id)).collect()
    }

    /// The numbers of known processors among these.
    pub fn processor_numbers(&self, ids: &[ProcessorId]) -> Vec<ProcessorNo> {
        ids.iter().filter_map(|id| self.processors.get(id)).collect()
    }

    /// The numbers of known purposes among these.
    pub fn purpose_numbers(&self, ids: &[PurposeId]) -> Vec<PurposeNo> {
        ids.iter().filter_map(|id| self.purposes.get(id)).collect()
    }

    /// The numbers of known categories among these.
    pub fn category_numbers(&self, ids: &[CategoryId]) -> Vec<CategoryNo> {
        ids.iter().filter_map(|id| self.categories.get(id)).collect()
    }

    /// The field's fact.
    pub fn field(&self, field: FieldNo) -> &Field {
        &self.field_facts[field.index()]
    }

    /// The declared state of a field.
    pub fn state(&self, field: FieldNo) -> State {
        self.field_facts[field.index()].state
    }

    /// The field that, held together with this one, identifies.
    pub fn key_of(&self, field: FieldNo) -> Option<FieldNo> {
        self.fields.get(self.field_facts[field.index()].key.as_ref()?)
    }

    /// The categories of a field, as declared.
    pub fn categories_of(&self, field: FieldNo) -> &[CategoryId] {
        &self.field_facts[field.index()].categories
    }

    /// Whether the field is personal data: anything but anonymized.
    pub fn is_personal(&self, field: FieldNo) -> bool {
        self.state(field) != State::Anonymized
    }

    /// Whether a category of the field, or one above it, is sensitive.
    pub fn is_sensitive(&self, field: FieldNo) -> bool {
        self.field_sensitive[field.index()]
    }

    /// Whether a category of the field is at or under one of these.
    pub fn is_in(&self, field: FieldNo, categories: &[CategoryNo]) -> bool {
        self.field_categories[field.index()].iter().any(|own| {
            categories
                .iter()
                .any(|root| self.category_tree.at_or_under(own.index(), root.index()))
        })
    }

    /// Whether the category is at or under one of these.
    pub fn is_category_in(&self, category: CategoryNo, categories: &[CategoryNo]) -> bool {
        categories
            .iter()
            .any(|root| self.category_tree.at_or_under(category.index(), root.index()))
    }

    /// Whether the purpose is at or under one of these.
    pub fn serves(&self, purpose: PurposeNo, purposes: &[PurposeNo]) -> bool {
        purposes
            .iter()
            .any(|root| self.purpose_tree.at_or_under(purpose.index(), root.index()))
    }

    /// The fields the purpose itself needs; `None` when it says nothing.
    pub fn needs(&self, purpose: PurposeNo) -> Option<&[FieldNo]> {
        self.purpose_needs[purpose.index()].as_deref()
    }

    /// When the purpose itself ended.
    pub fn ended(&self, purpose: PurposeNo) -> Option<Instant> {
        self.purpose_facts[purpose.index()].ended
    }

    /// What the processors say, in the order of their numbers.
    pub(super) fn processor_facts(&self) -> &[Processor] {
        &self.processor_facts
    }

    /// The processor's fact.
    pub fn processor(&self, processor: ProcessorNo) -> &Processor {
        &self.processor_facts[processor.index()]
    }

    /// Whether this is the country of home.
    pub fn is_home(&self, country: &Country) -> bool {
        self.home.as_ref() == Some(country)
    }

    /// Whether data that goes from one processor to another at the instant crosses the border of home: the giver
    /// is at home, the taker is known to be elsewhere.
    pub fn crosses(&self, from: ProcessorNo, to: ProcessorNo, at: Instant) -> bool {
        self.country_at(from, at)
            .is_some_and(|country| self.is_home(country))
            && self
                .country_at(to, at)
                .is_some_and(|country| !self.is_home(country))
    }
}
