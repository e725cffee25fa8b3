/* SPDX-License-Identifier: Apache-2.0 */
/* Kubeconfigs: what is read, which of several counts, and what is refused in which words. */
#include "io/file_save.h"
#include "io/kube_config.h"
#include "support/check.h"

#include <stdio.h>
#include <stdlib.h>

static char folder[80];

static const char *path_of(const char *name)
{
    static char path[128];

    (void)snprintf(path, sizeof(path), "%s/%s", folder, name);
    return path;
}

static void write_file(const char *name, const char *text)
{
    struct error err = {0};

    if (!file_save(path_of(name), 0600, text_of(text), &err))
        fail_msg("%s", err.text);
}

/* The context main with the cluster's and user's fields put in. */
static void write_config(const char *name, const char *cluster, const char *user)
{
    char text[4096];

    (void)snprintf(text, sizeof(text),
                   "apiVersion: v1\nkind: Config\ncurrent-context: main\n"
                   "contexts: [{name: main, context: {cluster: c, user: u}}]\n"
                   "clusters: [{name: c, cluster: {%s}}]\nusers: [{name: u, user: {%s}}]\n",
                   cluster, user);
    write_file(name, text);
}

static void check_string(const char *text, const char *expected)
{
    check_text(text_of(text), expected);
}

static const char whole[] =
    "apiVersion: v1\n"
    "kind: Config\n"
    "current-context: first\n"
    "preferences: {}\n"
    "contexts:\n"
    "- name: first\n"
    "  context: {cluster: one, user: ada, namespace: training}\n"
    "- name: second\n"
    "  context: {cluster: two, user: grace}\n"
    "- name: nobody\n"
    "  context: {cluster: two}\n"
    "clusters:\n"
    "- name: one\n"
    "  cluster:\n"
    "    server: https://one.example:6443/\n"
    "    certificate-authority: pki/ca.crt\n"
    "    tls-server-name: kubernetes\n"
    "    proxy-url: http://proxy.example:3128\n"
    "- name: two\n"
    "  cluster: {server: 'https://[fd00::1]', insecure-skip-tls-verify: true}\n"
    "users:\n"
    "- name: ada\n"
    "  user: {token: abc, tokenFile: /run/token, client-certificate: a.crt, client-key-data: a2V5}\n"
    "- name: grace\n"
    "  user: {username: grace, password: hopper}\n";

static void reads_the_current_context(void **state)
{
    AUTO(kube_config_release) struct kube_config config = {0};
    struct error err = {0};

    (void)state;
    write_file("whole", whole);
    if (!kube_config_load_files(path_of("whole"), false, NULL, &config, &err))
        fail_msg("%s", err.text);
    check_string(config.context, "first");
    check_string(config.server, "https://one.example:6443");
    check_string(config.host, "one.example");
    check_string(config.port, "6443");
    check_string(config.server_name, "kubernetes");
    check_string(config.proxy, "http://proxy.example:3128");
    check_string(config.name_space, "training");
    check_string(config.authority.path, path_of("pki/ca.crt"));
    check_string(config.token.path, "/run/token");
    check_text(config.token.data, "abc");
    check_string(config.certificate.path, path_of("a.crt"));
    check_text(config.key.data, "key");
    assert_false(config.skips_verification);
    assert_null(config.username);
    assert_null(config.plugin);
}

static void reads_the_context_that_is_asked_for(void **state)
{
    AUTO(kube_config_release) struct kube_config config = {0};
    AUTO(kube_config_release) struct kube_config nobody = {0};
    struct error err = {0};

    (void)state;
    write_file("whole", whole);
    assert_true(kube_config_load_files(path_of("whole"), false, "second", &config, &err));
    check_string(config.server, "https://[fd00::1]:443");
    assert_true(config.skips_verification);
    check_string(config.username, "grace");
    check_string(config.password, "hopper");
    assert_null(config.name_space);
    assert_null(config.token.path);
    assert_true(kube_config_load_files(path_of("whole"), false, "nobody", &nobody, &err));
    assert_null(nobody.username);
    assert_false(kube_config_load_files(path_of("whole"), false, "third", &nobody, &err));
    assert_non_null(strstr(err.text, "contexts has no entry named 'third'"));
}

static void reads_an_exec_plugin(void **state)
{
    AUTO(kube_config_release) struct kube_config config = {0};
    struct error err = {0};

    (void)state;
    write_config(
        "exec",
        "server: 'https://c', extensions: [{name: client.authentication.k8s.io/exec, extension: {a: [1]}}]",
        "exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: bin/login, args: [eks, '5'], "
        "env: [{name: A, value: b}, {name: C, value: ''}], installHint: get it, provideClusterInfo: true}");
    if (!kube_config_load_files(path_of("exec"), false, NULL, &config, &err))
        fail_msg("%s", err.text);
    check_string(config.plugin->command, path_of("bin/login"));
    check_string(config.plugin->arguments[0], path_of("bin/login"));
    check_string(config.plugin->arguments[1], "eks");
    check_string(config.plugin->arguments[2], "5");
    assert_null(config.plugin->arguments[3]);
    check_string(config.plugin->variables[0], "A=b");
    check_string(config.plugin->variables[1], "C=");
    assert_null(config.plugin->variables[2]);
    check_string(config.plugin->hint, "get it");
    check_string(config.plugin->cluster_config, "{\"a\":[1]}");
}

static void takes_the_first_of_several_files(void **state)
{
    AUTO(kube_config_release) struct kube_config config = {0};
    char paths[512];
    struct error err = {0};

    (void)state;
    write_file("1", "clusters: [{name: c, cluster: {server: 'https://first'}}]\nusers: []\n");
    write_file("2", "current-context: two\nclusters: [{name: c, cluster: {server: 'https://second', "
                    "tls-server-name: second}}]\nusers: [{name: u, user: {token: second}}]\n");
    write_file("3", "current-context: three\ncontexts: [{name: two, context: {cluster: c, user: u}}]\n"
                    "users: [{name: u, user: {token: third}}]\n");
    (void)snprintf(paths, sizeof(paths), "%s/nowhere::%s/1:%s/2:%s/3", folder, folder, folder, folder);
    if (!kube_config_load_files(paths, true, NULL, &config, &err))
        fail_msg("%s", err.text);
    check_string(config.context, "two");
    check_string(config.server, "https://first:443");
    assert_null(config.server_name); /* an entry counts whole */
    check_text(config.token.data, "second");
    (void)snprintf(paths, sizeof(paths), "%s/nowhere:", folder);
    assert_false(kube_config_load_files(paths, true, NULL, &config, &err));
    assert_non_null(strstr(err.text, "none of the files that $KUBECONFIG names is there"));
}

/* Whole files that cannot be used. */
struct file_row {
    const char *name;
    const char *text;
    const char *sentence; /* behind the path */
};

static const struct file_row file_rows[] = {
    {"nothing", "", "the kubeconfig has no current-context"},
    {"no YAML", "a: [b", ":"},
    {"a list", "- a\n", " is no kubeconfig"},
    {"two documents", "a: b\n---\nc: d\n", " holds more than one YAML document"},
    {"a key twice", "users: []\nusers: []\n", ":2: the key users comes twice"},
    {"no contexts", "current-context: a\n", ": contexts has no entry named 'a'"},
    {"contexts that are a map", "current-context: a\ncontexts: {a: b}\n", ":2: contexts must be a list"},
    {"an entry that is a word", "current-context: a\ncontexts: [a]\n", ": contexts has no entry named 'a'"},
    {"a context that is a word", "current-context: a\ncontexts: [{name: a, context: b}]\n",
     ":2: contexts 'a': context must be a mapping"},
    {"a context twice", "current-context: a\ncontexts: [{name: a}, {name: a}]\n",
     ":2: contexts holds two entries of the same name"},
    {"a context without a cluster", "current-context: a\ncontexts: [{name: a}]\n",
     ":1: contexts 'a': cluster is missing"},
    {"a cluster that is not there", "current-context: a\ncontexts: [{name: a, context: {cluster: c}}]\n",
     ": clusters has no entry named 'c'"},
    {"a user that is not there",
     "current-context: a\ncontexts: [{name: a, context: {cluster: c, user: u}}]\nclusters: [{name: c}]\n",
     ": users has no entry named 'u'"},
    {"a cluster that is empty",
     "current-context: a\ncontexts: [{name: a, context: {cluster: c}}]\nclusters: [{name: c}]\n",
     ": clusters 'c': server is missing"},
    {"a current-context that is a number", "current-context: 5\n", ":1: current-context must be a string"},
    {"a namespace that is a list",
     "current-context: a\ncontexts: [{name: a, context: {cluster: c, namespace: []}}]\n",
     ":2: contexts 'a': namespace must be a string"},
};

static void refuses_file_row(void **state)
{
    const struct file_row *row = *state;
    AUTO(kube_config_release) struct kube_config config = {0};
    struct error err = {0};

    write_file("file", row->text);
    assert_false(kube_config_load_files(path_of("file"), false, NULL, &config, &err));
    assert_int_equal(err.kind, ERROR_INPUT);
    if (strstr(err.text, row->sentence) == NULL)
        fail_msg("'%s' is not in: %s", row->sentence, err.text);
    assert_null(config.arena.blocks);
}

/* Fields of the cluster or the user. */
struct field_row {
    const char *name;
    const char *cluster;
    const char *user;
    const char *sentence;
};

#define SERVER "server: 'https://c'"
#define EXEC "exec: {apiVersion: client.authentication.k8s.io/v1, command: a"

static const struct field_row field_rows[] = {
    {"plain HTTP", "server: 'http://c'", "", "clusters 'c': server must begin with https://"},
    {"no scheme", "server: 'c:6443'", "", "server must begin with https://"},
    {"no host", "server: 'https://'", "", "server must be https://host:port"},
    {"a user in the address", "server: 'https://u:p@c'", "", "server must be https://host:port"},
    {"a query", "server: 'https://c/a?b'", "", "server must be https://host:port"},
    {"a space", "server: 'https://c /a'", "", "server must be https://host:port"},
    {"an open bracket", "server: 'https://[::1'", "", "server must be https://host:port"},
    {"a port of 0", "server: 'https://c:0'", "", "a port that is no number from 1 to 65535"},
    {"a port that is too large", "server: 'https://c:65536'", "", "a port that is no number"},
    {"an empty port", "server: 'https://c:'", "", "a port that is no number"},
    {"a server that is a number", "server: 5", "", "server must be a string"},
    {"verification that is a word", SERVER ", insecure-skip-tls-verify: maybe", "",
     "insecure-skip-tls-verify must be true or false"},
    {"verification off with an authority",
     SERVER ", insecure-skip-tls-verify: true, certificate-authority: a", "",
     "insecure-skip-tls-verify cannot be true beside a certificate-authority"},
    {"an authority that is no base64", SERVER ", certificate-authority-data: '-----'", "",
     "certificate-authority-data must be base64"},
    {"an authority that is a map", SERVER ", certificate-authority-data: {}", "",
     "certificate-authority-data must be a string"},
    {"a name of the server that is none", SERVER ", tls-server-name: 'a/b'", "",
     "tls-server-name must be a host's name"},
    {"a proxy of another kind", SERVER ", proxy-url: 'ftp://p'", "", "proxy-url must begin with http://"},
    {"a token that is a number", SERVER, "token: 5", "users 'u': token must be a string"},
    {"a token that holds a NUL", SERVER, "token: \"a\\0b\"", "token must not hold a NUL"},
    {"a key that is no base64", SERVER, "client-certificate: a, client-key-data: a",
     "client-key-data must be base64"},
    {"a certificate alone", SERVER, "client-certificate: a", "client-key is missing"},
    {"a key alone", SERVER, "client-key: a", "client-certificate is missing"},
    {"a password alone", SERVER, "password: a", "password stands without a username"},
    {"a token and a user", SERVER, "token: a, username: b",
     "names more than one of token, username and exec"},
    {"a token and a plugin", SERVER, "token: a, " EXEC "}",
     "names more than one of token, username and exec"},
    {"an auth-provider", SERVER, "auth-provider: {name: gcp}",
     "auth-provider is gone from Kubernetes since 1.26"},
    {"another user's rights", SERVER, "token: a, as: admin", "as asks to act as another user"},
    {"another group's rights", SERVER, "token: a, as-groups: [a]", "as-groups asks to act as another user"},
    {"a plugin that is a word", SERVER, "exec: aws", "exec must be a mapping"},
    {"a plugin without a version", SERVER, "exec: {command: a}",
     "exec.apiVersion must be client.authentication"},
    {"a plugin of the old version", SERVER,
     "exec: {apiVersion: client.authentication.k8s.io/v1alpha1, command: a}",
     "exec.apiVersion must be client.authentication"},
    {"a plugin without a command", SERVER, "exec: {apiVersion: client.authentication.k8s.io/v1}",
     "exec.command is missing"},
    {"a plugin's arguments that are a word", SERVER, EXEC ", args: b}", "exec.args must be a list"},
    {"a plugin's argument that is a number", SERVER, EXEC ", args: [5]}", "exec.args must hold strings"},
    {"a plugin's variables that are a map", SERVER, EXEC ", env: {a: b}}", "exec.env must be a list"},
    {"a plugin's variable without a name", SERVER, EXEC ", env: [{value: a}]}", "exec.env must hold pairs"},
    {"a plugin's variable with an equals sign", SERVER, EXEC ", env: [{name: 'a=b', value: a}]}",
     "exec.env must hold pairs"},
    {"a plugin's variable without a value", SERVER, EXEC ", env: [{name: a, value: 5}]}",
     "exec.env has a name whose value is no string"},
    {"a plugin that must ask", SERVER, EXEC ", interactiveMode: Always}", "exec.interactiveMode is Always"},
    {"a plugin that may sing", SERVER, EXEC ", interactiveMode: Sometimes}",
     "exec.interactiveMode must be Never or IfAvailable"},
    {"a plugin's hint that is a list", SERVER, EXEC ", installHint: []}",
     "exec.installHint must be a string"},
    {"a cluster's extensions that are a map", SERVER ", extensions: {}", EXEC ", provideClusterInfo: true}",
     "clusters 'c': extensions must be a list"},
};

static void refuses_field_row(void **state)
{
    const struct field_row *row = *state;
    AUTO(kube_config_release) struct kube_config config = {0};
    struct error err = {0};

    write_config("fields", row->cluster, row->user);
    assert_false(kube_config_load_files(path_of("fields"), false, NULL, &config, &err));
    assert_int_equal(err.kind, ERROR_INPUT);
    if (strstr(err.text, row->sentence) == NULL || strncmp(err.text, path_of("fields:"), strlen(folder)) != 0)
        fail_msg("'%s' is not in: %s", row->sentence, err.text);
}

static void refuses_files_that_cannot_be_read(void **state)
{
    AUTO(kube_config_release) struct kube_config config = {0};
    struct error err = {0};

    (void)state;
    assert_false(kube_config_load_files(path_of("nowhere"), false, NULL, &config, &err));
    assert_int_equal(err.kind, ERROR_INPUT);
    assert_non_null(strstr(err.text, "No such file"));
    assert_false(kube_config_load_files(folder, false, NULL, &config, &err));
    assert_non_null(strstr(err.text, "Is a directory"));
    assert_false(kube_config_load_files("/dev/zero", false, NULL, &config, &err));
    assert_non_null(strstr(err.text, "larger than 1 MiB"));
}

static void looks_where_the_environment_says(void **state)
{
    struct kube_client_options options = {0};
    AUTO(kube_config_release) struct kube_config by_variable = {0};
    AUTO(kube_config_release) struct kube_config by_home = {0};
    AUTO(kube_config_release) struct kube_config none = {0};
    struct error err = {0};

    (void)state;
    write_config("variable", "server: 'https://variable'", "");
    write_config("config", "server: 'https://home'", "");
    (void)unsetenv("KUBERNETES_SERVICE_HOST");
    assert_int_equal(setenv("KUBECONFIG", path_of("variable"), 1), 0);
    assert_true(kube_config_load(&options, &by_variable, &err));
    check_string(by_variable.host, "variable");
    assert_int_equal(unsetenv("KUBECONFIG"), 0);
    assert_int_equal(setenv("HOME", folder, 1), 0);
    assert_false(kube_config_load(&options, &none, &err));
    assert_non_null(strstr(err.text, "use --kubeconfig FILE"));
    assert_int_equal(unsetenv("HOME"), 0);
    assert_false(kube_config_load(&options, &none, &err));
    assert_non_null(strstr(err.text, "use --kubeconfig FILE"));
    assert_int_equal(setenv("KUBERNETES_SERVICE_HOST", "pod", 1), 0);
    assert_false(kube_config_load(&options, &none, &err));
    assert_non_null(strstr(err.text, "KUBERNETES_SERVICE_PORT must both be set"));
    options.kubeconfig = path_of("config");
    assert_true(kube_config_load(&options, &by_home, &err));
    check_string(by_home.host, "home");
    assert_int_equal(unsetenv("KUBERNETES_SERVICE_HOST"), 0);
}

static bool load_any(void *state, struct error *err)
{
    AUTO(kube_config_release) struct kube_config config = {0};
    const char *name = state;

    return kube_config_load_files(path_of(name), true, NULL, &config, err);
}

static void says_that_memory_ran_out(void **state)
{
    static char whole_name[] = "whole";
    static char exec_name[] = "exec";

    (void)state;
    write_file("whole", whole);
    write_config("exec", SERVER ", extensions: [{name: client.authentication.k8s.io/exec, extension: [1]}]",
                 EXEC ", args: [b], env: [{name: A, value: b}], provideClusterInfo: true}");
    assert_true(check_every_allocation(load_any, whole_name) >= 4);
    assert_true(check_every_allocation(load_any, exec_name) >= 4);
}

static const struct check_test tests[] = {
    CHECK_TEST(reads_the_current_context),
    CHECK_TEST(reads_the_context_that_is_asked_for),
    CHECK_TEST(reads_an_exec_plugin),
    CHECK_TEST(takes_the_first_of_several_files),
    CHECK_TEST(refuses_files_that_cannot_be_read),
    CHECK_TEST(looks_where_the_environment_says),
    CHECK_TEST(says_that_memory_ran_out),
};

/* The suite removes its TMPDIR with all that is in it. */
static bool make_folder(void)
{
    const char *parent = getenv("TMPDIR");

    (void)snprintf(folder, sizeof(folder), "%s/kube-XXXXXX", parent != NULL ? parent : "/tmp");
    return mkdtemp(folder) != NULL;
}

int main(void)
{
    if (!make_folder())
        return EXIT_FAILURE;
    return CHECK_TESTS("kubeconfigs", tests) | CHECK_ROWS("kubeconfig files", file_rows, refuses_file_row) |
           CHECK_ROWS("kubeconfig fields", field_rows, refuses_field_row);
}
