/* SPDX-License-Identifier: Apache-2.0 */
#include "kube_credential.h"

#include "io/certificate.h"
#include "kube_secret.h"

#include <time.h>

enum {
    EXPIRES_EARLY_SECONDS = 10 /* a request takes a while, and clocks differ */
};

void kube_credential_release(struct kube_credential *credential)
{
    kube_file_release(&credential->authority);
    kube_file_release(&credential->token);
    kube_file_release(&credential->identity.certificate);
    kube_file_release(&credential->identity.key);
    kube_issue_release(&credential->issue);
    buffer_wipe(&credential->authorization);
    *credential = (struct kube_credential){0};
}

static bool is_token(struct text token)
{
    for (size_t i = 0; i < token.length; i++) {
        if ((unsigned char)token.at[i] <= ' ' || (unsigned char)token.at[i] >= 0x7f)
            return false;
    }
    return token.length > 0;
}

static bool set_bearer(struct kube_credential *credential, struct text token, const char *name,
                       struct error *err)
{
    AUTO(buffer_wipe) struct buffer line = {0};

    token = text_trim(token);
    if (token.length == 0)
        return error_set(err, ERROR_INPUT, "%.150s is empty", name);
    if (!is_token(token))
        return error_set(err, ERROR_INPUT, "%.150s is no token: it holds spaces or characters beyond ASCII",
                         name);
    secret_add(&line, text_of("Authorization: Bearer "));
    secret_add(&line, token);
    if (!secret_finish(&line, err))
        return false;
    buffer_wipe(&credential->authorization);
    credential->authorization = line;
    line = (struct buffer){0};
    return true;
}

static bool set_basic(struct kube_credential *credential, struct error *err)
{
    const struct kube_config *config = credential->config;
    AUTO(buffer_wipe) struct buffer pair = {0};
    AUTO(buffer_wipe) struct buffer coded = {0};
    struct buffer *line = &credential->authorization;

    secret_add(&pair, text_of(config->username));
    secret_add(&pair, text_of(":"));
    secret_add(&pair, text_of(config->password));
    if (!secret_finish(&pair, err))
        return false;
    buffer_add_base64(&coded, buffer_text(&pair));
    if (coded.failed)
        return error_memory(err);
    secret_add(line, text_of("Authorization: Basic "));
    secret_add(line, buffer_text(&coded));
    return secret_finish(line, err);
}

static bool check_certificate(const struct kube_file *file, const char *name, struct error *err)
{
    struct certificate_facts facts;

    return certificate_read(buffer_text(&file->bytes), &facts, err) || error_wrap(err, "%.100s", name);
}

static bool look_at_authority(struct kube_credential *credential, struct error *err)
{
    AUTO(kube_file_release) struct kube_file next = {0};
    bool is_new;

    if (!kube_file_look(&credential->authority, false, &next, &is_new, err))
        return false;
    if (!is_new)
        return true;
    if (!check_certificate(&next, credential->config->authority.name, err))
        return false;
    kube_file_take(&credential->authority, &next);
    return true;
}

static bool look_at_token(struct kube_credential *credential, bool is_forced, bool *ret_is_new,
                          struct error *err)
{
    AUTO(kube_file_release) struct kube_file next = {0};
    bool is_new;

    *ret_is_new = false;
    if (!kube_file_look(&credential->token, is_forced, &next, &is_new, err))
        return false;
    if (!is_new)
        return true;
    if (!set_bearer(credential, buffer_text(&next.bytes), credential->token.path, err))
        return false;
    kube_file_take(&credential->token, &next);
    *ret_is_new = true;
    return true;
}

static bool check_identity(const struct kube_config *config, const struct kube_identity *identity,
                           struct error *err)
{
    if (!check_certificate(&identity->certificate, config->certificate.name, err))
        return false;
    return certificate_match(buffer_text(&identity->certificate.bytes), buffer_text(&identity->key.bytes),
                             err) ||
           error_wrap(err, "%.100s", config->key.name);
}

/* The file as it is now, or a copy of what never changes. */
static bool copy_file(const struct kube_file *file, struct kube_file *ret_copy, struct error *err)
{
    struct kube_file unread = {.path = file->path};
    bool is_new;

    if (file->path != NULL)
        return kube_file_look(&unread, true, ret_copy, &is_new, err);
    secret_add(&ret_copy->bytes, buffer_text(&file->bytes));
    return secret_finish(&ret_copy->bytes, err);
}

static void identity_release(struct kube_identity *identity)
{
    kube_file_release(&identity->certificate);
    kube_file_release(&identity->key);
}

/* Certificate and key are replaced one after the other; in between the old ones stay. */
static bool look_at_identity(struct kube_credential *credential, bool *ret_is_new, struct error *err)
{
    struct kube_identity *now = &credential->identity;
    AUTO(identity_release) struct kube_identity seen = {0};
    AUTO(identity_release) struct kube_identity next = {0};
    bool has_certificate = false;
    bool has_key = false;

    *ret_is_new = false;
    if (!kube_file_look(&now->certificate, false, &seen.certificate, &has_certificate, err) ||
        !kube_file_look(&now->key, false, &seen.key, &has_key, err))
        return false;
    if (!has_certificate && !has_key)
        return true;
    if (!copy_file(&now->certificate, &next.certificate, err) || !copy_file(&now->key, &next.key, err) ||
        !check_identity(credential->config, &next, err))
        return false;
    kube_file_take(&now->certificate, &next.certificate);
    kube_file_take(&now->key, &next.key);
    *ret_is_new = true;
    return true;
}

/* What the configuration itself holds is a file that never changes. */
static bool set_source(struct kube_file *file, const struct kube_source *source, struct error *err)
{
    file->path = source->path;
    if (source->path != NULL || source->data.at == NULL)
        return true;
    secret_add(&file->bytes, source->data);
    return secret_finish(&file->bytes, err);
}

static bool set_login(struct kube_credential *credential, struct error *err)
{
    const struct kube_source *token = &credential->config->token;
    struct error why = {0};
    bool is_new;

    if (credential->config->username != NULL)
        return set_basic(credential, err);
    credential->token.path = token->path;
    if (token->data.at != NULL && !set_bearer(credential, token->data, token->name, err))
        return false;
    if (look_at_token(credential, false, &is_new, &why))
        return true;
    if (token->data.at != NULL && why.kind != ERROR_MEMORY)
        return true;
    *err = why;
    return false;
}

bool kube_credential_init(struct kube_credential *credential, const struct kube_config *config,
                          struct error *err)
{
    struct kube_identity *identity = &credential->identity;
    bool is_new;

    credential->config = config;
    if (!set_source(&credential->authority, &config->authority, err) ||
        !set_source(&identity->certificate, &config->certificate, err) ||
        !set_source(&identity->key, &config->key, err) || !set_login(credential, err) ||
        !look_at_authority(credential, err) || !look_at_identity(credential, &is_new, err))
        return false;
    if (config->authority.data.at != NULL &&
        !check_certificate(&credential->authority, config->authority.name, err))
        return false;
    return identity->certificate.bytes.at == NULL || check_identity(config, identity, err);
}

static bool issue_has_ended(const struct kube_issue *issue)
{
    return !issue->is_there ||
           (issue->expires_seconds != 0 && time(NULL) >= issue->expires_seconds - EXPIRES_EARLY_SECONDS);
}

static bool ask_plugin(struct kube_credential *credential, const struct kube_until *until, struct error *err)
{
    AUTO(kube_issue_release) struct kube_issue issue = {0};
    const struct kube_plugin *plugin = credential->config->plugin;

    if (!kube_plugin_run(credential->config, kube_credential_authority(credential), until, &issue, err))
        return false;
    if (issue.token.at == NULL)
        buffer_wipe(&credential->authorization);
    else if (!set_bearer(credential, issue.token, "the token that the plugin gave", err))
        return error_wrap(err, "%.80s", plugin->name);
    kube_issue_release(&credential->issue);
    credential->issue = issue;
    issue = (struct kube_issue){0};
    return true;
}

bool kube_credential_refresh(struct kube_credential *credential, const struct kube_until *until,
                             struct error *err)
{
    struct error kept = {0};
    bool is_new;

    if (!look_at_authority(credential, &kept) || !look_at_identity(credential, &is_new, &kept) ||
        !look_at_token(credential, false, &is_new, &kept)) {
        if (kept.kind == ERROR_MEMORY)
            return error_memory(err);
    }
    if (credential->config->plugin == NULL || !issue_has_ended(&credential->issue))
        return true;
    return ask_plugin(credential, until, err);
}

bool kube_credential_renew(struct kube_credential *credential, const struct kube_until *until,
                           bool *ret_is_other, struct error *err)
{
    bool has_token = false;
    bool has_identity = false;
    struct error kept = {0};

    *ret_is_other = true;
    if (credential->config->plugin != NULL)
        return ask_plugin(credential, until, err);
    if (!look_at_token(credential, true, &has_token, &kept) ||
        !look_at_identity(credential, &has_identity, &kept)) {
        if (kept.kind == ERROR_MEMORY)
            return error_memory(err);
    }
    *ret_is_other = has_token || has_identity;
    return true;
}

size_t kube_credential_secrets(const struct kube_credential *credential, struct text *secrets)
{
    struct text line = buffer_text(&credential->authorization);
    struct text word;
    size_t count = 0;

    for (int i = 0; i < 2 && line.at != NULL; i++)
        (void)text_split(&line, ' ', &word);
    if (line.at != NULL)
        secrets[count++] = line;
    if (credential->config->password != NULL)
        secrets[count++] = text_of(credential->config->password);
    return count;
}

struct text kube_credential_authority(const struct kube_credential *credential)
{
    return buffer_text(&credential->authority.bytes);
}

struct text kube_credential_certificate(const struct kube_credential *credential)
{
    if (credential->issue.certificate.at != NULL)
        return credential->issue.certificate;
    return buffer_text(&credential->identity.certificate.bytes);
}

struct text kube_credential_key(const struct kube_credential *credential)
{
    if (credential->issue.key.at != NULL)
        return credential->issue.key;
    return buffer_text(&credential->identity.key.bytes);
}
