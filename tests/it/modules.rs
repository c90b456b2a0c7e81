//! The files of `src/` import one another without a circle, bodies of macros included.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use proc_macro2::{TokenStream, TokenTree};

/// What each module imports.
type Imports = BTreeMap<String, BTreeSet<String>>;

#[test]
fn imports_are_no_circle() {
    let mut code = BTreeMap::new();
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    collect(&src, "", &mut code);
    assert!(code.contains_key("json::reader"), "{:?}", code.keys());

    let imports: Imports = code
        .keys()
        .map(|module| (module.clone(), imports_of(module, &code)))
        .collect();
    // In a macro's body.
    assert!(imports["object"].contains("json_schema"), "{imports:#?}");
    assert_eq!(circles(imports), Imports::new());
}

/// The tokens of each module, under its path, without unit tests.
fn collect(folder: &Path, path: &str, modules: &mut BTreeMap<String, TokenStream>) {
    for entry in fs::read_dir(folder).unwrap() {
        let file = entry.unwrap().path();
        let name = file.file_stem().unwrap().to_str().unwrap();
        let path = join(path, name);
        if file.is_dir() {
            collect(&file, &path, modules);
        } else if file.extension().is_some_and(|extension| extension == "rs") && path != "lib" {
            let code = fs::read_to_string(&file).unwrap();
            let code = code.split("#[cfg(test)]").next().unwrap();
            modules.insert(path, code.parse().unwrap());
        }
    }
}

fn imports_of(module: &str, code: &BTreeMap<String, TokenStream>) -> BTreeSet<String> {
    let mut search = Search {
        module,
        code,
        found: BTreeSet::new(),
    };
    search.walk(&code[module]);
    search.found.remove(module);
    search.found
}

/// Takes away what imports nothing that is left, or what nothing imports.
fn circles(mut imports: Imports) -> Imports {
    loop {
        let imported: BTreeSet<String> = imports.values().flatten().cloned().collect();
        let before = imports.len();
        imports.retain(|module, of| !of.is_empty() && imported.contains(module));
        if imports.len() == before {
            return imports;
        }
        let left: BTreeSet<String> = imports.keys().cloned().collect();
        for of in imports.values_mut() {
            of.retain(|module| left.contains(module));
        }
    }
}

struct Search<'a> {
    module: &'a str,
    code: &'a BTreeMap<String, TokenStream>,
    found: BTreeSet<String>,
}

impl Search<'_> {
    /// Follows each path that starts at the crate, at this module, or above.
    fn walk(&mut self, tokens: &TokenStream) {
        let tokens: Vec<TokenTree> = tokens.clone().into_iter().collect();
        let mut rest = tokens.as_slice();
        let mut is_start = true;
        while let [token, after @ ..] = rest {
            match token {
                TokenTree::Group(group) => self.walk(&group.stream()),
                TokenTree::Ident(name) if is_start => match name.to_string().as_str() {
                    "crate" => self.follow("", after),
                    "self" => self.follow(self.module, after),
                    "super" => self.follow(above(self.module), after),
                    name => self.follow(&join(self.module, name), after),
                },
                _ => {}
            }
            is_start = !is_punct(token, ':');
            rest = after;
        }
    }

    /// Follows what comes behind a module's name, if it is one, into each branch of
    /// its braces.
    fn follow(&mut self, module: &str, rest: &[TokenTree]) {
        let is_module = module.is_empty() || self.code.contains_key(module);
        let names = match rest {
            [a, b, names @ ..] if is_module && is_punct(a, ':') && is_punct(b, ':') => names,
            _ => return,
        };
        match names {
            [TokenTree::Group(group), ..] => {
                let branches: Vec<TokenTree> = group.stream().into_iter().collect();
                for branch in branches.split(|token| is_punct(token, ',')) {
                    self.step(module, branch);
                }
            }
            _ => self.step(module, names),
        }
    }

    fn step(&mut self, module: &str, names: &[TokenTree]) {
        let [name, rest @ ..] = names else { return };
        let name = name.to_string();
        let inner = join(module, &name);
        if name == "super" {
            self.follow(above(module), rest);
        } else if !self.code.contains_key(&inner) {
            // An item of the module.
            self.found.insert(module.to_owned());
        } else if rest.first().is_some_and(|token| is_punct(token, ':')) {
            self.follow(&inner, rest);
        } else {
            self.found.insert(inner);
        }
    }
}

fn is_punct(token: &TokenTree, c: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == c)
}

fn above(module: &str) -> &str {
    module.rsplit_once("::").map_or("", |(above, _)| above)
}

fn join(module: &str, name: &str) -> String {
    match module {
        "" => name.to_owned(),
        _ => format!("{module}::{name}"),
    }
}
