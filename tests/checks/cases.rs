//! The cases of the data files, read.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value};
use wherefore::import;

/// One case: a whole fact file and all that is to be found in it.
pub struct Case {
    /// The check, from the name of the file.
    pub check: String,
    /// The check and the name of the case.
    pub name: String,
    /// The fact file.
    pub facts: Value,
    /// The findings, in order.
    pub findings: Vec<Value>,
}

impl Case {
    /// Whether nothing is wrong in it.
    pub fn conforms(&self) -> bool {
        self.findings.is_empty()
    }

    /// The check of a rule.
    pub fn check_of(&self, rule: &Value) -> &str {
        let rules = self.facts["rules"].as_array().expect("a case has rules");
        let rule = rules
            .iter()
            .find(|known| known["id"] == *rule)
            .expect("a rule of the case");
        rule["check"].as_str().expect("a rule has a check")
    }
}

/// All cases of all files, in the order of their names.
pub fn all() -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/checks/data");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .expect("the folder of cases")
        .map(|entry| entry.expect("an entry of the folder").path())
        .collect();
    files.sort();
    files.iter().flat_map(|file| of_file(file)).collect()
}

fn of_file(file: &Path) -> Vec<Case> {
    let check = file
        .file_stem()
        .and_then(|stem| stem.to_str())
        .expect("a file name");
    let text = std::fs::read_to_string(file).expect("a file of cases");
    let scenario = import::yaml_json(&text).unwrap_or_else(|problems| panic!("{check}: {problems:?}"));
    let cases = scenario["cases"].as_array().expect("a list of cases");
    cases
        .iter()
        .map(|case| of_value(check, &scenario["shared"], case))
        .collect()
}

fn of_value(check: &str, shared: &Value, case: &Value) -> Case {
    let name = format!("{check}: {}", case["name"].as_str().expect("a case has a name"));
    for key in case.as_object().expect("a case is a map").keys() {
        assert!(
            ["name", "facts", "findings"].contains(&key.as_str()),
            "{name}: what is `{key}`?"
        );
    }
    let findings = case["findings"]
        .as_array()
        .unwrap_or_else(|| panic!("{name}: say all findings"));
    Case {
        check: check.to_owned(),
        facts: joined(shared, &case["facts"]),
        findings: findings.clone(),
        name,
    }
}

/// The shared facts with those of the case.
fn joined(shared: &Value, own: &Value) -> Value {
    let mut all: Map<String, Value> = shared.as_object().expect("`shared` is a map").clone();
    for (key, value) in own.as_object().expect("`facts` is a map") {
        match (all.get_mut(key).and_then(Value::as_array_mut), value) {
            (Some(list), Value::Array(more)) => list.extend(more.iter().cloned()),
            (_, value) => {
                all.insert(key.clone(), value.clone());
            }
        }
    }
    all.into()
}
