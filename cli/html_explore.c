// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/html_explore.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>

#include "base/number.h"
#include "cli/html.h"
#include "explore/search.h"
#include "explore/story.h"

/* ------------------------------------------------------------------- markup */

/* Text of anybody: a name, a script. */
static void put_text(FILE *out, const char *text)
{
    for (; *text; text++)
        switch (*text) {
        case '&': fputs("&amp;", out); break;
        case '<': fputs("&lt;", out); break;
        case '>': fputs("&gt;", out); break;
        case '"': fputs("&quot;", out); break;
        default: fputc(*text, out);
        }
}

/* "%t" is text, "%n" a json_int_t with commas; there is nothing else. */
static void put(FILE *out, const char *fmt, ...)
{
    char number[COMMAS_BYTES];
    va_list args;

    va_start(args, fmt);
    for (; *fmt; fmt++) {
        if (*fmt != '%') {
            fputc(*fmt, out);
            continue;
        }
        if (*++fmt == 't')
            put_text(out, va_arg(args, const char *));
        else
            fputs(commas((uint64_t)va_arg(args, json_int_t), number), out);
    }
    va_end(args);
}

static const char *text_of(const json_t *obj, const char *key)
{
    const char *text = json_string_value(json_object_get(obj, key));

    return text ? text : "";
}

static json_int_t number_of(const json_t *obj, const char *key)
{
    return json_integer_value(json_object_get(obj, key));
}

/* ------------------------------------------------------------------- words */

/* "leak (definitely leaked)" */
static void put_class(FILE *out, const json_t *f)
{
    const char *detail = text_of(f, "detail");

    put(out, "%t", text_of(f, "class"));
    if (*detail)
        put(out, " (%t)", detail);
}

static void put_cause(FILE *out, const json_t *f)
{
    const json_t *cause = json_object_get(f, "cause");
    json_int_t invariant = number_of(f, "invariant");

    if (json_is_object(cause))
        put(out, "<code>%t()</code> %t", text_of(cause, "function"),
            text_of(cause, "what"));
    else if (invariant)
        put(out, "invariant %n is broken: a fault of adiemu", invariant);
    else if (strcmp(text_of(f, "class"), "crash") == 0)
        put(out, "a fault of adiemu");
    else
        put(out, "no cause is known");
}

#define MISSING_SAID 10u /* as explore/report.c says them */

/* "slices 3, 7 of 8 are missing" */
static void put_missing(FILE *out, const json_t *root, const json_t *missing)
{
    size_t nr = json_array_size(missing);

    put(out, nr == 1 ? "slice" : "slices");
    for (size_t i = 0; i < nr && i < MISSING_SAID; i++)
        put(out, i ? ", %n" : " %n",
            json_integer_value(json_array_get(missing, i)));
    if (nr > MISSING_SAID)
        put(out, " and %n more", (json_int_t)(nr - MISSING_SAID));
    put(out, nr == 1 ? " of %n is missing" : " of %n are missing",
        number_of(root, "slices"));
}

static void put_verdict(FILE *out, const json_t *kernel, const json_t *root)
{
    const json_t *missing = json_object_get(root, "missing");
    enum search_end stopped = search_end_find(text_of(kernel, "stopped"));
    json_int_t depth = number_of(kernel, "complete_depth");

    if (json_object_get(root, "slice"))
        put(out, "slice %n of %n ", number_of(root, "slice"),
            number_of(root, "slices"));
    if (json_array_size(missing)) {
        put(out, "not complete: ");
        put_missing(out, root, missing);
    } else if (stopped)
        put(out, "not complete: %t after depth %n", search_end_text(stopped),
            depth);
    else if (json_is_true(json_object_get(kernel, "any_depth")))
        put(out, "complete to any depth");
    else
        put(out, "complete to depth %n", depth);
}

/* ------------------------------------------------------------------- tables */

static void put_link(FILE *out, const json_t *kernel, size_t n)
{
    put(out, "<a href=\"#%t-%n\">", text_of(kernel, "kernel"),
        (json_int_t)n + 1);
}

static bool same(const json_t *a, const json_t *b, bool class_only)
{
    static const char *const keys[] = {"detail", "cause", "path", "invariant"};

    if (!json_equal(json_object_get(a, "class"), json_object_get(b, "class")))
        return false;
    for (size_t i = 0; !class_only && i < sizeof(keys) / sizeof(keys[0]); i++) {
        const json_t *x = json_object_get(a, keys[i]);
        const json_t *y = json_object_get(b, keys[i]);

        if (x != y && !json_equal(x, y))
            return false;
    }
    return true;
}

/* How many of a row there are under a kernel, and the first, the shortest. */
static size_t count(const json_t *kernel, const json_t *row, bool class_only,
                    size_t *first)
{
    const json_t *findings = json_object_get(kernel, "findings");
    size_t nr = 0;

    for (size_t i = json_array_size(findings); i-- > 0;)
        if (same(json_array_get(findings, i), row, class_only)) {
            *first = i;
            nr++;
        }
    return nr;
}

static bool was_there(const json_t *kernels, size_t k, size_t n,
                      const json_t *row, bool class_only)
{
    size_t first;

    for (size_t i = 0; i < k; i++)
        if (count(json_array_get(kernels, i), row, class_only, &first))
            return true;
    return count(json_array_get(kernels, k), row, class_only, &first) &&
           first < n;
}

static void put_row(FILE *out, const json_t *kernels, const json_t *row,
                    bool class_only)
{
    const json_t *kernel;
    size_t k, first = 0;

    put(out, "<tr><th scope=\"row\">");
    if (class_only)
        put(out, "%t", text_of(row, "class"));
    else {
        const char *path = text_of(row, "path");

        put_class(out, row);
        put(out, "%t%t<br><small class=\"dim\">", *path ? ", on path " : "",
            path);
        put_cause(out, row);
        put(out, "</small>");
    }
    put(out, "</th>");
    for (k = 0; (kernel = json_array_get(kernels, k)) != NULL; k++) {
        size_t nr = count(kernel, row, class_only, &first);
        const json_t *f =
            json_array_get(json_object_get(kernel, "findings"), first);

        put(out, "<td class=\"n\">");
        if (nr) {
            put_link(out, kernel, first);
            put(out, "%n</a>",
                class_only ? (json_int_t)nr : number_of(f, "steps"));
        } else
            put(out, "<span class=\"dim\">–</span>");
        put(out, "</td>");
    }
    put(out, "</tr>\n");
}

static void put_table(FILE *out, const json_t *kernels, bool class_only)
{
    const json_t *kernel, *f;
    size_t k, n;

    put(out, "<div class=\"wide\" tabindex=\"0\"><table class=\"cells\"><thead>"
             "<tr><td></td>");
    for (k = 0; (kernel = json_array_get(kernels, k)) != NULL; k++)
        put(out, "<th scope=\"col\">%t</th>", text_of(kernel, "kernel"));
    put(out, "</tr></thead><tbody>\n");
    for (k = 0; (kernel = json_array_get(kernels, k)) != NULL; k++)
        for (n = 0; (f = json_array_get(json_object_get(kernel, "findings"),
                                        n)) != NULL;
             n++)
            if (!was_there(kernels, k, n, f, class_only))
                put_row(out, kernels, f, class_only);
    put(out, "</tbody></table></div>\n");
}

static void put_reached(FILE *out, const json_t *part)
{
    json_int_t reached =
        (json_int_t)json_array_size(json_object_get(part, "reached"));
    json_int_t never =
        (json_int_t)json_array_size(json_object_get(part, "never"));

    put(out, "<td class=\"n\">%n of %n</td>", reached, reached + never);
}

static void put_kernels(FILE *out, const json_t *root, const json_t *kernels)
{
    const json_t *kernel;
    size_t k;

    put(out, "<section id=\"kernels\"><h2>Kernels</h2>\n<div class=\"wide\" "
             "tabindex=\"0\"><table class=\"cells\"><thead><tr><td></td>"
             "<th>findings</th><th>depth</th><th>states</th>"
             "<th>steps tried</th><th>hooks reached</th><th>paths</th></tr>"
             "</thead><tbody>\n");
    for (k = 0; (kernel = json_array_get(kernels, k)) != NULL; k++) {
        size_t nr = json_array_size(json_object_get(kernel, "findings"));

        put(out, "<tr><th scope=\"row\">");
        if (nr)
            put_link(out, kernel, 0);
        put(out, "%t", text_of(kernel, "kernel"));
        put(out,
            nr ? "</a></th><td class=\"n bad\">%n</td><td>"
               : "</th><td class=\"n good\">%n</td><td>",
            (json_int_t)nr);
        put_verdict(out, kernel, root);
        put(out, "</td><td class=\"n\">%n</td><td class=\"n\">%n</td>",
            number_of(kernel, "states"), number_of(kernel, "tried"));
        put_reached(out, json_object_get(kernel, "hooks"));
        put_reached(out, json_object_get(kernel, "paths"));
        put(out, "</tr>\n");
    }
    put(out, "</tbody></table></div></section>\n");
}

/* ----------------------------------------------------------------- coverage */

static void put_list(FILE *out, const char *what, const json_t *names)
{
    const json_t *name;
    size_t i;

    if (json_array_size(names) == 0)
        return;
    put(out, "<dt>%t</dt><dd>", what);
    for (i = 0; (name = json_array_get(names, i)) != NULL; i++)
        put(out, "%t%t", i ? ", " : "", json_string_value(name));
    put(out, "</dd>\n");
}

static void put_coverage(FILE *out, const json_t *kernels)
{
    const json_t *kernel;
    size_t k;

    put(out, "<section id=\"coverage\"><h2>Coverage<small>what was never "
             "reached has no findings for want of steps</small></h2>\n");
    for (k = 0; (kernel = json_array_get(kernels, k)) != NULL; k++) {
        const json_t *hooks = json_object_get(kernel, "hooks");
        const json_t *paths = json_object_get(kernel, "paths");

        put(out, "<h3>%t</h3><dl class=\"coverage\">\n",
            text_of(kernel, "kernel"));
        put_list(out, "hooks reached", json_object_get(hooks, "reached"));
        put_list(out, "hooks never", json_object_get(hooks, "never"));
        put_list(out, "paths reached", json_object_get(paths, "reached"));
        put_list(out, "paths never", json_object_get(paths, "never"));
        put_list(out, "steps that never did anything",
                 json_object_get(kernel, "idle_steps"));
        put(out, "</dl>\n");
    }
    put(out, "</section>\n");
}

/* ----------------------------------------------------------------- findings */

static void put_events(FILE *out, const char *class, const json_t *texts)
{
    const json_t *text;
    size_t i;

    for (i = 0; (text = json_array_get(texts, i)) != NULL; i++)
        put(out, "<li%t>%t</li>", class, json_string_value(text));
}

static void put_step(FILE *out, const json_t *one)
{
    const json_t *step = json_object_get(one, "step");

    if (json_is_string(step))
        put(out, "<li><code>%t</code>", json_string_value(step));
    else
        put(out, "<li>the processes end");
    put(out, "<ul>");
    put_events(out, "", json_object_get(one, "events"));
    put_events(out, " class=bad", json_object_get(one, "findings"));
    put(out, "</ul></li>\n");
}

static void put_finding(FILE *out, const json_t *root, const json_t *kernel,
                        const json_t *f, size_t n)
{
    const char *name = text_of(kernel, "kernel"), *path = text_of(f, "path");
    const json_t *step;
    size_t i;

    put(out, "<article class=\"finding\" id=\"%t-%n\"><h4>", name,
        (json_int_t)n + 1);
    put_class(out, f);
    put(out, "%t%t, in %n step%t</h4><p>", *path ? ", on path " : "", path,
        number_of(f, "steps"), number_of(f, "steps") == 1 ? "" : "s");
    put_cause(out, f);
    put(out,
        "</p>\n<pre class=\"script\" tabindex=\"0\"># adiemu script %t "
        "--kernel=%t FILE\n%t</pre>\n<ol class=\"story\">\n",
        text_of(root, "script_options"), name, text_of(f, "script"));
    for (i = 0; (step = json_array_get(json_object_get(f, "story"), i)) != NULL;
         i++)
        put_step(out, step);
    put(out, "</ol></article>\n");
}

static void put_findings(FILE *out, const json_t *root, const json_t *kernels)
{
    const json_t *kernel, *f;
    size_t k, n;

    put(out, "<section id=\"findings\"><h2>Findings<small>each by one of its "
             "shortest scripts, and what happened in it</small></h2>\n");
    for (k = 0; (kernel = json_array_get(kernels, k)) != NULL; k++) {
        json_t *findings = json_object_get(kernel, "findings");

        put(out, "<h3>%t: %n</h3>\n", text_of(kernel, "kernel"),
            (json_int_t)json_array_size(findings));
        for (n = 0; (f = json_array_get(findings, n)) != NULL; n++)
            put_finding(out, root, kernel, f, n);
    }
    put(out, "</section>\n");
}

/* ----------------------------------------------------------------- the page */

static void put_facts(FILE *out, const json_t *root)
{
    put(out,
        "<dl id=\"facts\"><div><dt>actions</dt><dd>%t</dd></div>"
        "<div><dt>steps</dt><dd>%n</dd></div><div><dt>pages</dt>"
        "<dd>%n</dd></div><div><dt>processes</dt><dd>%n</dd></div>"
        "<div><dt>depth asked for</dt><dd>%n</dd></div>",
        text_of(root, "actions"), number_of(root, "steps"),
        number_of(root, "pages"), number_of(root, "processes"),
        number_of(root, "depth"));
    if (json_object_get(root, "slice"))
        put(out, "<div><dt>slice</dt><dd>%n of %n</dd></div>",
            number_of(root, "slice"), number_of(root, "slices"));
    put(out, "</dl>\n");
}

static void put_body(FILE *out, const json_t *root)
{
    const json_t *kernels = json_object_get(root, "kernels");

    put_facts(out, root);
    put_kernels(out, root, kernels);
    put(out, "<section id=\"classes\"><h2>Classes<small>findings; each cell "
             "leads to the shortest</small></h2>\n");
    put_table(out, kernels, true);
    put(out, "</section>\n<section id=\"causes\"><h2>Causes<small>steps to "
             "each</small></h2>\n");
    put_table(out, kernels, false);
    put(out, "</section>\n");
    put_coverage(out, kernels);
    put_findings(out, root, kernels);
}

int html_explore(FILE *out, const json_t *root)
{
    const struct html_page page = {embedded_explore_html,
                                   embedded_explore_html_len};
    size_t at = html_put_until(out, &page, 0, "@STYLE@");

    fwrite(embedded_report_css, 1, embedded_report_css_len, out);
    fwrite(embedded_explore_css, 1, embedded_explore_css_len, out);
    at = html_put_until(out, &page, at, "@BODY@");
    put_body(out, root);
    at = html_put_until(out, &page, at, "@SCRIPT@");
    fwrite(embedded_explore_js, 1, embedded_explore_js_len, out);
    html_put_until(out, &page, at, NULL);
    errno = 0;
    if (fflush(out) != 0 || ferror(out))
        return errno ? -errno : -EIO;
    return 0;
}

/* ------------------------------------------------------------------- checks */

struct field {
    const char *key;
    json_type type;
};

static const struct field of_root[] = {
    {"actions", JSON_STRING},        {"steps", JSON_INTEGER},
    {"depth", JSON_INTEGER},         {"pages", JSON_INTEGER},
    {"processes", JSON_INTEGER},     {"kernels", JSON_ARRAY},
    {"script_options", JSON_STRING}, {NULL, JSON_NULL},
};

static const struct field of_kernel[] = {
    {"kernel", JSON_STRING},  {"complete_depth", JSON_INTEGER},
    {"states", JSON_INTEGER}, {"tried", JSON_INTEGER},
    {"hooks", JSON_OBJECT},   {"paths", JSON_OBJECT},
    {"findings", JSON_ARRAY}, {NULL, JSON_NULL},
};

static const struct field of_finding[] = {
    {"class", JSON_STRING},
    {"steps", JSON_INTEGER},
    {"script", JSON_STRING},
    {NULL, JSON_NULL},
};

static const char *missing(const json_t *obj, const struct field *fields)
{
    for (; fields->key; fields++) {
        const json_t *v = json_object_get(obj, fields->key);

        if (!v || json_typeof(v) != fields->type)
            return fields->key;
    }
    return NULL;
}

static bool are_strings(const json_t *list)
{
    const json_t *one;
    size_t i;

    for (i = 0; (one = json_array_get(list, i)) != NULL; i++)
        if (!json_is_string(one))
            return false;
    return json_is_array(list);
}

static bool is_part(const json_t *part)
{
    return are_strings(json_object_get(part, "reached")) &&
           are_strings(json_object_get(part, "never"));
}

static const char *missing_of_kernel(const json_t *kernel)
{
    const char *key = missing(kernel, of_kernel);
    const json_t *f;
    size_t i;

    if (!key && !is_part(json_object_get(kernel, "hooks")))
        key = "hooks";
    if (!key && !is_part(json_object_get(kernel, "paths")))
        key = "paths";
    if (!key && !are_strings(json_object_get(kernel, "idle_steps")))
        key = "idle_steps";
    if (key)
        return key;
    for (i = 0;
         (f = json_array_get(json_object_get(kernel, "findings"), i)) != NULL;
         i++) {
        key = missing(f, of_finding);
        if (!key && !story_is_one(json_object_get(f, "story")))
            key = "story";
        if (key)
            return key;
    }
    return NULL;
}

bool html_is_explore(const json_t *root)
{
    return json_object_get(root, "kernels") &&
           json_object_get(root, "script_options");
}

const char *html_explore_missing(const json_t *root)
{
    const char *key = missing(root, of_root);
    const json_t *kernel;
    size_t k;

    for (k = 0;
         (kernel = json_array_get(json_object_get(root, "kernels"), k)) != NULL;
         k++) {
        if (key)
            return key;
        key = missing_of_kernel(kernel);
    }
    return key;
}
