//! The C header of the Zephyr module, written by cbindgen from the definitions in the port.

use std::{fs, path::PathBuf};

use crate::{
    report::Outcome::{self, Passed},
    shell::{command, output, root, run, target},
};

const HEADER: &str = "include/zephyr/net/ocpp.h";

/// The definitions, in the order in which they stand in the header.
const SOURCES: [&str; 12] = [
    "types.rs",
    "calls.rs",
    "protocol.rs",
    "settings.rs",
    "equipment.rs",
    "connectors.rs",
    "firmware.rs",
    "reservations.rs",
    "security.rs",
    "tokens.rs",
    "transfer.rs",
    "meter.rs",
];

fn generate() -> Result<String, String> {
    let port = root().join("zephyr/port");
    let config = cbindgen::Config::from_file(port.join("cbindgen.toml"))?;
    let mut builder = cbindgen::Builder::new().with_config(config);
    for source in SOURCES {
        builder = builder.with_src(port.join("src/api").join(source));
    }
    let bindings = builder.generate().map_err(|error| error.to_string())?;
    let mut text = Vec::new();
    bindings.write(&mut text);
    let text = String::from_utf8(text).map_err(|error| error.to_string())?;
    // A member that is there with an option gets its semicolon behind the option.
    Ok(in_zephyr_style(&text).replace("\n#endif\n\t;\n", ";\n#endif\n"))
}

/// Tabs of eight, and no comments of C++.
fn in_zephyr_style(text: &str) -> String {
    let mut styled = String::new();
    for line in text.lines() {
        let code = line.trim_start_matches(' ');
        let spaces = line.len() - code.len();
        let code = match code.split_once("//") {
            Some((code, comment)) if !code.contains('*') && !comment.contains("*/") => {
                code.trim_end()
            }
            _ => code,
        };
        styled.push_str(&"\t".repeat(spaces / 8));
        styled.push_str(&" ".repeat(spaces % 8));
        styled.push_str(code);
        styled.push('\n');
    }
    styled
}

fn path() -> PathBuf {
    root().join(HEADER)
}

/// Writes the header.
pub fn write() -> Result<(), String> {
    fs::write(path(), generate()?).map_err(|error| format!("{HEADER}: {error}"))?;
    println!("{HEADER} is written");
    Ok(())
}

/// The header in the repository is the one its sources make, and compiles by itself.
pub fn check() -> Result<Outcome, String> {
    let known = fs::read_to_string(path()).map_err(|error| format!("{HEADER}: {error}"))?;
    if known != generate()? {
        return Err(format!("{HEADER} is stale: cargo xtask header"));
    }
    println!("  {HEADER} is up to date");
    compile()?;
    Ok(Passed)
}

/// A program as Zephyr documents them for its own library: a `switch` over all reasons without a
/// `default`, structures that are initialised by position. Nothing else is included.
const DOCUMENTED: &str = r#"
#include <zephyr/net/ocpp.h>

int notified(enum ocpp_notify_reason reason, union ocpp_io_value *io, void *user_data);
int begin(char *host, char *path);

int notified(enum ocpp_notify_reason reason, union ocpp_io_value *io, void *user_data)
{
	(void)user_data;
	switch (reason) {
	case OCPP_USR_GET_METER_VALUE:
		return snprintf(io->meter_val.val, CISTR50, "%d", io->meter_val.id_con);
	case OCPP_USR_START_CHARGING:
		return io->start_charge.idtag[0];
	case OCPP_USR_STOP_CHARGING:
		return io->stop_charge.id_con;
	case OCPP_USR_UNLOCK_CONNECTOR:
		return io->unlock_con.id_con;
	}
	return -1;
}

int begin(char *host, char *path)
{
	struct ocpp_cp_info cpi = {path, path, 1, 0, 0, 0, 0, 0, 0, 0};
	struct ocpp_cs_info csi = {host, path, 8180, 2};

	return ocpp_init(&cpi, &csi, notified, 0);
}
"#;

/// What is there with TLS and HTTP Basic authentication, in the order that the newest library of Zephyr
/// documents, behind all that is there without.
const SECURED: &str = r#"
#include <zephyr/net/ocpp.h>

int notified(enum ocpp_notify_reason reason, union ocpp_io_value *io, void *user_data);
int begin(char *host, char *path);

static const sec_tag_t tags[] = {1};
static const uint8_t password[OCPP_BASIC_AUTH_PASSWORD_MIN_LEN] = {1};

int begin(char *host, char *path)
{
	struct ocpp_cp_info cpi = {path, path, 1, 0, 0, 0, 0, 0, 0, 0};
	struct ocpp_cs_info csi = {
		host, path, 8180, 2, {tags, host, sizeof(tags), 5}, {path, password, sizeof(password)},
	};

	csi.creds.tls_hostname_size = csi.creds.sec_tag_list_size;
	csi.creds.tls_hostname = host;
	csi.creds.sec_tag_list = tags;
	csi.basic_auth.username = host;
	csi.basic_auth.password = password;
	csi.basic_auth.password_len = sizeof(password);
	return ocpp_init(&cpi, &csi, notified, 0);
}
"#;

/// Compiles them with every warning an error, in C and, where there is a compiler, in C++. Zephyr's
/// headers, which have warnings of their own, are files with next to nothing here.
fn compile() -> Result<(), String> {
    let folder = target().join("header");
    let write = |name: &str, text: &str| {
        let file = folder.join(name);
        let parent = file.parent().unwrap_or(&folder);
        fs::create_dir_all(parent)
            .and_then(|()| fs::write(&file, text))
            .map_err(|error| format!("{}: {error}", file.display()))
    };
    write("include/zephyr/kernel.h", "")?;
    write("include/zephyr/net/net_ip.h", "")?;
    write(
        "include/zephyr/net/tls_credentials.h",
        "typedef int sec_tag_t;\n",
    )?;
    write("documented.c", DOCUMENTED)?;
    write("secured.c", SECURED)?;
    let options = [
        "-DCONFIG_NET_SOCKETS_SOCKOPT_TLS=1",
        "-DCONFIG_OCPP_BASIC_AUTH=1",
    ];
    for (compiler, language, standard) in [("cc", "c", "c11"), ("c++", "c++", "c++17")] {
        if output(compiler, &["--version"]).is_none() {
            println!("  {compiler} is not there: not compiled in {language}");
            continue;
        }
        for (program, options) in [("documented.c", &[][..]), ("secured.c", &options)] {
            let mut compile = command(compiler, &["-x", language, "-fsyntax-only"]);
            compile.arg(format!("-std={standard}")).args(options);
            compile.args(["-Wall", "-Wextra", "-Wpedantic", "-Werror"]);
            compile.arg("-I").arg(root().join("include"));
            compile.arg("-I").arg(folder.join("include"));
            compile.arg(folder.join(program));
            run(compile)?;
        }
    }
    Ok(())
}
