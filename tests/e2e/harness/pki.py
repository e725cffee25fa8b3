# SPDX-License-Identifier: Apache-2.0
"""Certificates of a test cluster, made with openssl."""
import pathlib
import subprocess


def openssl(*arguments, stdin=None):
    return subprocess.run(["openssl", *map(str, arguments)], input=stdin, capture_output=True,
                          check=True).stdout


def make_key(path):
    openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", path)
    pathlib.Path(path).chmod(0o600)


def make_ca(folder, name="ca"):
    """A new CA: folder/NAME.crt and NAME.key."""
    folder = pathlib.Path(folder)
    make_key(folder / f"{name}.key")
    openssl("req", "-x509", "-new", "-key", folder / f"{name}.key", "-subj", f"/CN=e2e-{name}", "-days", "30",
            "-addext", "basicConstraints=critical,CA:true", "-addext",
            "keyUsage=critical,keyCertSign,cRLSign", "-out", folder / f"{name}.crt")


def make_certificate(folder, name, subject, usage, names="", ca="ca"):
    """A leaf of that CA: folder/NAME.crt and NAME.key; `names` as in subjectAltName."""
    folder = pathlib.Path(folder)
    make_key(folder / f"{name}.key")
    extensions = f"basicConstraints=CA:false\nkeyUsage=critical,digitalSignature\nextendedKeyUsage={usage}\n"
    if names:
        extensions += f"subjectAltName={names}\n"
    (folder / f"{name}.ext").write_text(extensions, encoding="ascii")
    request = openssl("req", "-new", "-key", folder / f"{name}.key", "-subj", subject)
    openssl("x509", "-req", "-CA", folder / f"{ca}.crt", "-CAkey", folder / f"{ca}.key", "-CAcreateserial",
            "-days", "30", "-extfile", folder / f"{name}.ext", "-out", folder / f"{name}.crt", stdin=request)


def make_cluster_pki(folder, service_ip):
    """What the control plane's programs need."""
    folder = pathlib.Path(folder)
    folder.mkdir()
    make_ca(folder)
    make_certificate(folder, "apiserver", "/CN=kube-apiserver", "serverAuth",
                     f"IP:127.0.0.1,IP:{service_ip},DNS:localhost,DNS:kubernetes,DNS:kubernetes.default,"
                     "DNS:kubernetes.default.svc")
    make_certificate(folder, "admin", "/O=system:masters/CN=admin", "clientAuth")
    make_certificate(folder, "scheduler", "/CN=system:kube-scheduler", "clientAuth")
    make_certificate(folder, "controller-manager", "/CN=system:kube-controller-manager", "clientAuth")
    openssl("genrsa", "-out", folder / "sa.key", "2048")
    openssl("rsa", "-in", folder / "sa.key", "-pubout", "-out", folder / "sa.pub")
