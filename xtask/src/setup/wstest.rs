//! Autobahn|Testsuite with its program wstest, which needs Python 2.7.

use std::{
    env::{self, consts::ARCH},
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result};

use super::{Way, cache, debian, first_that_works};
use crate::{process, workspace};

/// Last version of wstest, which is for Python 2.7 only.
const VERSION: &str = "25.10.1";
/// Last version of each dependency that supports Python 2.7. Their own requirements no longer
/// resolve, so this list is complete and is installed with `--no-deps`. wsaccel, which masks and validates UTF-8 in C,
/// needs a C compiler.
const PACKAGES: &str = "\
    Automat==22.10.0 Jinja2==2.11.3 MarkupSafe==1.1.1 PyHamcrest==1.10.1 Twisted==19.10.0 \
    Werkzeug==1.0.1 attrs==21.4.0 autobahn==0.10.9 cffi==1.15.1 constantly==15.1.0 \
    cryptography==3.3.2 enum34==1.1.10 hyperlink==21.0.0 idna==2.10 incremental==16.10.1 \
    ipaddress==1.0.23 klein==17.10.0 linecache2==1.0.0 pyOpenSSL==19.1.0 \
    pyasn1-modules==0.3.0 pyasn1==0.5.1 pycparser==2.21 service-identity==18.1.0 \
    six==1.16.0 traceback2==1.4.0 txaio==2.1.0 typing==3.10.0.0 ujson==2.0.3 \
    unittest2==1.1.0 wsaccel==0.6.6 zope.interface==4.6.0";
/// Installers: the last versions for Python 2.7, downloaded by Python 3's pip.
const INSTALLERS: [&str; 3] = ["pip==20.3.4", "setuptools==44.1.1", "wheel==0.37.1"];

/// Last Debian release with Python 2.7.
const DEBIAN: &str = "bullseye";
/// Packages of a Python that can build modules, with the libraries that later releases lack.
const DEBIAN_PACKAGES: [&str; 6] = [
    "libffi7", "libpython2.7-dev", "libpython2.7-minimal", "libpython2.7-stdlib", "libssl1.1",
    "python2.7-minimal",
];

/// Debian's Python, in the installation folder.
const UNPACKED: &str = "debian";
/// File with the path of the system's Python, in the installation folder.
const PATH_FILE: &str = "python2.7";

/// Script that prints the numbers of the cases that match its arguments, as a JSON list. wstest
/// itself only shows them while it runs them.
const SHOW_CASES: &str = "\
import json, sys
from autobahntestsuite import case
from autobahntestsuite.caseset import CaseSet
cases = CaseSet(case.CaseSetname, case.CaseBasename, case.Cases, case.CaseCategories, {})
found = cases.parseSpecCases({'cases': sys.argv[1:]})
print json.dumps([id for id in found if id in cases.CasesIndices])";

/// Patch for server mode, in which wstest would listen on every interface.
const RUN_ON_LOOPBACK: &str = "\
from autobahntestsuite import wstest, fuzzing
listen = fuzzing.listenWS
fuzzing.listenWS = lambda factory, tls: listen(factory, tls, interface='127.0.0.1')
wstest.run()";

/// Installed wstest with a Python to run it.
pub(crate) struct Wstest {
    /// Installation folder: the user site of the Python, and Debian's Python if that is used.
    folder: PathBuf,
}

/// Provides wstest: in the cache, for the system's Python 2.7, or for Debian's.
pub(super) fn provide() -> Result<Wstest> {
    let installed = Wstest { folder: cache()?.join("tools").join(format!("wstest-{VERSION}")) };
    if !installed.is_there() {
        // Renamed when complete, so that an interrupted installation starts again.
        let partial = Wstest { folder: cache()?.join("partial-wstest") };
        let own = |folder: &Path| {
            let python = find_python().context("there is no Python 2.7 with TLS")?;
            fs::write(folder.join(PATH_FILE), python)?;
            partial.install()
        };
        let debians = |folder: &Path| {
            let scratch = folder.join("scratch");
            let unpacked = debian::unpack_of(DEBIAN, &DEBIAN_PACKAGES, &scratch)?;
            fs::rename(unpacked, folder.join(UNPACKED))?;
            fs::remove_dir_all(scratch)?;
            partial.install()
        };
        first_that_works(
            "wstest",
            &[
                Way::Registry("installing it for this machine's Python 2.7 (half a minute)", &own),
                Way::Registry(
                    "installing it for Debian's Python 2.7, unpacked (half a minute)",
                    &debians,
                ),
            ],
            &partial.folder,
            &|| process::read(partial.client().arg("--autobahnversion")).map(drop),
            "It needs Python 2.7 (`pyenv install 2.7.18` gives one), and Python 3 with pip.",
        )?;
        workspace::empty(&installed.folder)?;
        fs::rename(&partial.folder, &installed.folder)
            .with_context(|| format!("Cannot create {}", installed.folder.display()))?;
    }
    eprintln!("  wstest: {VERSION}, in {}", installed.folder.display());
    Ok(installed)
}

/// Finds a Python 2.7 on `PATH` or in pyenv. It needs the module `ssl`, which a build without
/// OpenSSL lacks.
fn find_python() -> Option<String> {
    let pyenv = env::var_os("PYENV_ROOT")
        .map(PathBuf::from)
        .or_else(|| etcetera::home_dir().ok().map(|home| home.join(".pyenv")));
    let versions = pyenv.and_then(|root| fs::read_dir(root.join("versions")).ok());
    let of_pyenv = versions.into_iter().flatten().flatten();
    let of_pyenv = of_pyenv.map(|version| version.path().join("bin/python2.7"));
    std::iter::once(PathBuf::from("python2.7")).chain(of_pyenv).find_map(|program| {
        let said = process::read(
            Command::new(program).args(["-c", "import ssl, sys; print(sys.executable)"]),
        );
        said.ok().map(|path| path.trim().to_owned())
    })
}

impl Wstest {
    /// Lists the cases that match any of `patterns`, in order.
    pub(crate) fn cases(&self, patterns: &[impl AsRef<str>]) -> Result<Vec<String>> {
        let patterns = patterns.iter().map(AsRef::as_ref);
        let said = process::read(self.python().args(["-c", SHOW_CASES]).args(patterns))?;
        Ok(serde_json::from_str(&said)?)
    }

    /// Command for wstest as a client, in its fuzzing mode.
    pub(crate) fn client(&self) -> Command {
        let mut wstest = self.python();
        wstest.args(["-m", "autobahntestsuite.wstest"]);
        wstest
    }

    /// Command for wstest as a server, on 127.0.0.1.
    pub(crate) fn server(&self) -> Command {
        let mut wstest = self.python();
        // Port for the report pages.
        wstest.args(["-c", RUN_ON_LOOPBACK, "--webport", "0"]);
        wstest
    }

    /// Checks that the Python still runs: it may be the system's, and gone.
    fn is_there(&self) -> bool {
        process::read(self.python().arg("--version")).is_ok()
    }

    /// Installs pip, then wstest with its dependencies, into the folder.
    fn install(&self) -> Result<()> {
        let installers = self.folder.join("installers");
        process::read(
            Command::new("python3")
                .args(["-m", "pip", "download", "--no-deps", "--dest"])
                .arg(&installers)
                .args(INSTALLERS),
        )?;
        let mut wheels = Vec::new();
        for file in fs::read_dir(&installers)? {
            wheels.push(file?.path());
        }
        let is_pip = |wheel: &&PathBuf| {
            wheel.file_name().is_some_and(|name| name.to_string_lossy().starts_with("pip-"))
        };
        let pip = wheels.iter().find(is_pip).context("pip downloaded no pip")?;
        process::read(self.pip_install().env("PYTHONPATH", pip).args(&wheels))?;
        let testsuite = format!("autobahntestsuite=={VERSION}");
        process::read(self.pip_install().arg(testsuite).args(PACKAGES.split(' ')))?;
        fs::remove_dir_all(installers)?;
        Ok(())
    }

    /// Command for pip, which installs into the folder as the user site of its Python.
    fn pip_install(&self) -> Command {
        let mut pip = self.python();
        // The system's own packages do not count.
        pip.args(["-m", "pip", "install", "--user", "--ignore-installed", "--no-deps"]);
        pip
    }

    /// Command for Python 2.7, with this folder as its user site.
    fn python(&self) -> Command {
        let debian = self.folder.join(UNPACKED).join("usr");
        let mut python = if debian.exists() {
            let include = debian.join("include");
            let mut python = Command::new(debian.join("bin/python2.7"));
            python.env("LD_LIBRARY_PATH", debian.join(format!("lib/{ARCH}-linux-gnu")));
            // Headers for the C compiler: this Python names the system's.
            python.env("CPATH", format!("{0}/python2.7:{0}", include.display()));
            python
        } else {
            // Without the file the program is not found, which is right.
            Command::new(fs::read_to_string(self.folder.join(PATH_FILE)).unwrap_or_default())
        };
        python.env("PYTHONUSERBASE", &self.folder).env("PYTHONUNBUFFERED", "1");
        python.env_remove("PYTHONPATH").env_remove("PYTHONHOME").env_remove("PYTHONNOUSERSITE");
        python
    }
}
