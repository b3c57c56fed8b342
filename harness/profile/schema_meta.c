/*
 * The meta-schemas of JSON Schema 2020-12 by their URIs, so that a $ref to them works
 * without a network. The texts are those of the specification (Copyright (c) 2022 JSON
 * Schema Specification Authors, BSD 3-clause or AFL 3.0), without their white space.
 */
#include <string.h>

#include "harness/base/mem.h"
#include "harness/profile/schema_impl.h"

/* clang-format off */
static const struct {
    const char *uri, *text;
} metas[] = {
    {"https://json-schema.org/draft/2020-12/schema",
     "{\"$schema\":\"https://json-schema.org/draft/2020-12/schema\",\"$id\":\"https:"
     "//json-schema.org/draft/2020-12/schema\",\"$vocabulary\":{\"https://json-schem"
     "a.org/draft/2020-12/vocab/core\":true,\"https://json-schema.org/draft/2020-12/"
     "vocab/applicator\":true,\"https://json-schema.org/draft/2020-12/vocab/unevalua"
     "ted\":true,\"https://json-schema.org/draft/2020-12/vocab/validation\":true,\"h"
     "ttps://json-schema.org/draft/2020-12/vocab/meta-data\":true,\"https://json-sch"
     "ema.org/draft/2020-12/vocab/format-annotation\":true,\"https://json-schema.org"
     "/draft/2020-12/vocab/content\":true},\"$dynamicAnchor\":\"meta\",\"title\":\"C"
     "ore and Validation specifications meta-schema\",\"allOf\":[{\"$ref\":\"meta/co"
     "re\"},{\"$ref\":\"meta/applicator\"},{\"$ref\":\"meta/unevaluated\"},{\"$ref\""
     ":\"meta/validation\"},{\"$ref\":\"meta/meta-data\"},{\"$ref\":\"meta/format-an"
     "notation\"},{\"$ref\":\"meta/content\"}],\"type\":[\"object\",\"boolean\"],\"$"
     "comment\":\"This meta-schema also defines keywords that have appeared in previ"
     "ous drafts in order to prevent incompatible extensions as they remain in commo"
     "n use.\",\"properties\":{\"definitions\":{\"$comment\":\"\\\"definitions\\\" h"
     "as been replaced by \\\"$defs\\\".\",\"type\":\"object\",\"additionalPropertie"
     "s\":{\"$dynamicRef\":\"#meta\"},\"deprecated\":true,\"default\":{}},\"dependen"
     "cies\":{\"$comment\":\"\\\"dependencies\\\" has been split and replaced by \\"
     "\"dependentSchemas\\\" and \\\"dependentRequired\\\" in order to serve their d"
     "iffering semantics.\",\"type\":\"object\",\"additionalProperties\":{\"anyOf\":"
     "[{\"$dynamicRef\":\"#meta\"},{\"$ref\":\"meta/validation#/$defs/stringArray\"}"
     "]},\"deprecated\":true,\"default\":{}},\"$recursiveAnchor\":{\"$comment\":\"\\"
     "\"$recursiveAnchor\\\" has been replaced by \\\"$dynamicAnchor\\\".\",\"$ref\""
     ":\"meta/core#/$defs/anchorString\",\"deprecated\":true},\"$recursiveRef\":{\"$"
     "comment\":\"\\\"$recursiveRef\\\" has been replaced by \\\"$dynamicRef\\\".\","
     "\"$ref\":\"meta/core#/$defs/uriReferenceString\",\"deprecated\":true}}}"},
    {"https://json-schema.org/draft/2020-12/meta/core",
     "{\"$schema\":\"https://json-schema.org/draft/2020-12/schema\",\"$id\":\"https:"
     "//json-schema.org/draft/2020-12/meta/core\",\"$vocabulary\":{\"https://json-sc"
     "hema.org/draft/2020-12/vocab/core\":true},\"$dynamicAnchor\":\"meta\",\"title"
     "\":\"Core vocabulary meta-schema\",\"type\":[\"object\",\"boolean\"],\"propert"
     "ies\":{\"$id\":{\"$ref\":\"#/$defs/uriReferenceString\",\"$comment\":\"Non-emp"
     "ty fragments not allowed.\",\"pattern\":\"^[^#]*#?$\"},\"$schema\":{\"$ref\":"
     "\"#/$defs/uriString\"},\"$ref\":{\"$ref\":\"#/$defs/uriReferenceString\"},\"$a"
     "nchor\":{\"$ref\":\"#/$defs/anchorString\"},\"$dynamicRef\":{\"$ref\":\"#/$def"
     "s/uriReferenceString\"},\"$dynamicAnchor\":{\"$ref\":\"#/$defs/anchorString\"}"
     ",\"$vocabulary\":{\"type\":\"object\",\"propertyNames\":{\"$ref\":\"#/$defs/ur"
     "iString\"},\"additionalProperties\":{\"type\":\"boolean\"}},\"$comment\":{\"ty"
     "pe\":\"string\"},\"$defs\":{\"type\":\"object\",\"additionalProperties\":{\"$d"
     "ynamicRef\":\"#meta\"}}},\"$defs\":{\"anchorString\":{\"type\":\"string\",\"pa"
     "ttern\":\"^[A-Za-z_][-A-Za-z0-9._]*$\"},\"uriString\":{\"type\":\"string\",\"f"
     "ormat\":\"uri\"},\"uriReferenceString\":{\"type\":\"string\",\"format\":\"uri-"
     "reference\"}}}"},
    {"https://json-schema.org/draft/2020-12/meta/applicator",
     "{\"$schema\":\"https://json-schema.org/draft/2020-12/schema\",\"$id\":\"https:"
     "//json-schema.org/draft/2020-12/meta/applicator\",\"$vocabulary\":{\"https://j"
     "son-schema.org/draft/2020-12/vocab/applicator\":true},\"$dynamicAnchor\":\"met"
     "a\",\"title\":\"Applicator vocabulary meta-schema\",\"type\":[\"object\",\"boo"
     "lean\"],\"properties\":{\"prefixItems\":{\"$ref\":\"#/$defs/schemaArray\"},\"i"
     "tems\":{\"$dynamicRef\":\"#meta\"},\"contains\":{\"$dynamicRef\":\"#meta\"},\""
     "additionalProperties\":{\"$dynamicRef\":\"#meta\"},\"properties\":{\"type\":\""
     "object\",\"additionalProperties\":{\"$dynamicRef\":\"#meta\"},\"default\":{}},"
     "\"patternProperties\":{\"type\":\"object\",\"additionalProperties\":{\"$dynami"
     "cRef\":\"#meta\"},\"propertyNames\":{\"format\":\"regex\"},\"default\":{}},\"d"
     "ependentSchemas\":{\"type\":\"object\",\"additionalProperties\":{\"$dynamicRef"
     "\":\"#meta\"},\"default\":{}},\"propertyNames\":{\"$dynamicRef\":\"#meta\"},\""
     "if\":{\"$dynamicRef\":\"#meta\"},\"then\":{\"$dynamicRef\":\"#meta\"},\"else\""
     ":{\"$dynamicRef\":\"#meta\"},\"allOf\":{\"$ref\":\"#/$defs/schemaArray\"},\"an"
     "yOf\":{\"$ref\":\"#/$defs/schemaArray\"},\"oneOf\":{\"$ref\":\"#/$defs/schemaA"
     "rray\"},\"not\":{\"$dynamicRef\":\"#meta\"}},\"$defs\":{\"schemaArray\":{\"typ"
     "e\":\"array\",\"minItems\":1,\"items\":{\"$dynamicRef\":\"#meta\"}}}}"},
    {"https://json-schema.org/draft/2020-12/meta/unevaluated",
     "{\"$schema\":\"https://json-schema.org/draft/2020-12/schema\",\"$id\":\"https:"
     "//json-schema.org/draft/2020-12/meta/unevaluated\",\"$vocabulary\":{\"https://"
     "json-schema.org/draft/2020-12/vocab/unevaluated\":true},\"$dynamicAnchor\":\"m"
     "eta\",\"title\":\"Unevaluated applicator vocabulary meta-schema\",\"type\":[\""
     "object\",\"boolean\"],\"properties\":{\"unevaluatedItems\":{\"$dynamicRef\":\""
     "#meta\"},\"unevaluatedProperties\":{\"$dynamicRef\":\"#meta\"}}}"},
    {"https://json-schema.org/draft/2020-12/meta/validation",
     "{\"$schema\":\"https://json-schema.org/draft/2020-12/schema\",\"$id\":\"https:"
     "//json-schema.org/draft/2020-12/meta/validation\",\"$vocabulary\":{\"https://j"
     "son-schema.org/draft/2020-12/vocab/validation\":true},\"$dynamicAnchor\":\"met"
     "a\",\"title\":\"Validation vocabulary meta-schema\",\"type\":[\"object\",\"boo"
     "lean\"],\"properties\":{\"type\":{\"anyOf\":[{\"$ref\":\"#/$defs/simpleTypes\""
     "},{\"type\":\"array\",\"items\":{\"$ref\":\"#/$defs/simpleTypes\"},\"minItems"
     "\":1,\"uniqueItems\":true}]},\"const\":true,\"enum\":{\"type\":\"array\",\"ite"
     "ms\":true},\"multipleOf\":{\"type\":\"number\",\"exclusiveMinimum\":0},\"maxim"
     "um\":{\"type\":\"number\"},\"exclusiveMaximum\":{\"type\":\"number\"},\"minimu"
     "m\":{\"type\":\"number\"},\"exclusiveMinimum\":{\"type\":\"number\"},\"maxLeng"
     "th\":{\"$ref\":\"#/$defs/nonNegativeInteger\"},\"minLength\":{\"$ref\":\"#/$de"
     "fs/nonNegativeIntegerDefault0\"},\"pattern\":{\"type\":\"string\",\"format\":"
     "\"regex\"},\"maxItems\":{\"$ref\":\"#/$defs/nonNegativeInteger\"},\"minItems\""
     ":{\"$ref\":\"#/$defs/nonNegativeIntegerDefault0\"},\"uniqueItems\":{\"type\":"
     "\"boolean\",\"default\":false},\"maxContains\":{\"$ref\":\"#/$defs/nonNegative"
     "Integer\"},\"minContains\":{\"$ref\":\"#/$defs/nonNegativeInteger\",\"default"
     "\":1},\"maxProperties\":{\"$ref\":\"#/$defs/nonNegativeInteger\"},\"minPropert"
     "ies\":{\"$ref\":\"#/$defs/nonNegativeIntegerDefault0\"},\"required\":{\"$ref\""
     ":\"#/$defs/stringArray\"},\"dependentRequired\":{\"type\":\"object\",\"additio"
     "nalProperties\":{\"$ref\":\"#/$defs/stringArray\"}}},\"$defs\":{\"nonNegativeI"
     "nteger\":{\"type\":\"integer\",\"minimum\":0},\"nonNegativeIntegerDefault0\":{"
     "\"$ref\":\"#/$defs/nonNegativeInteger\",\"default\":0},\"simpleTypes\":{\"enum"
     "\":[\"array\",\"boolean\",\"integer\",\"null\",\"number\",\"object\",\"string"
     "\"]},\"stringArray\":{\"type\":\"array\",\"items\":{\"type\":\"string\"},\"uni"
     "queItems\":true,\"default\":[]}}}"},
    {"https://json-schema.org/draft/2020-12/meta/meta-data",
     "{\"$schema\":\"https://json-schema.org/draft/2020-12/schema\",\"$id\":\"https:"
     "//json-schema.org/draft/2020-12/meta/meta-data\",\"$vocabulary\":{\"https://js"
     "on-schema.org/draft/2020-12/vocab/meta-data\":true},\"$dynamicAnchor\":\"meta"
     "\",\"title\":\"Meta-data vocabulary meta-schema\",\"type\":[\"object\",\"boole"
     "an\"],\"properties\":{\"title\":{\"type\":\"string\"},\"description\":{\"type"
     "\":\"string\"},\"default\":true,\"deprecated\":{\"type\":\"boolean\",\"default"
     "\":false},\"readOnly\":{\"type\":\"boolean\",\"default\":false},\"writeOnly\":"
     "{\"type\":\"boolean\",\"default\":false},\"examples\":{\"type\":\"array\",\"it"
     "ems\":true}}}"},
    {"https://json-schema.org/draft/2020-12/meta/format-annotation",
     "{\"$schema\":\"https://json-schema.org/draft/2020-12/schema\",\"$id\":\"https:"
     "//json-schema.org/draft/2020-12/meta/format-annotation\",\"$vocabulary\":{\"ht"
     "tps://json-schema.org/draft/2020-12/vocab/format-annotation\":true},\"$dynamic"
     "Anchor\":\"meta\",\"title\":\"Format vocabulary meta-schema for annotation res"
     "ults\",\"type\":[\"object\",\"boolean\"],\"properties\":{\"format\":{\"type\":"
     "\"string\"}}}"},
    {"https://json-schema.org/draft/2020-12/meta/content",
     "{\"$schema\":\"https://json-schema.org/draft/2020-12/schema\",\"$id\":\"https:"
     "//json-schema.org/draft/2020-12/meta/content\",\"$vocabulary\":{\"https://json"
     "-schema.org/draft/2020-12/vocab/content\":true},\"$dynamicAnchor\":\"meta\",\""
     "title\":\"Content vocabulary meta-schema\",\"type\":[\"object\",\"boolean\"],"
     "\"properties\":{\"contentEncoding\":{\"type\":\"string\"},\"contentMediaType\""
     ":{\"type\":\"string\"},\"contentSchema\":{\"$dynamicRef\":\"#meta\"}}}"},
};
/* clang-format on */

const char *meta_text(const char *uri)
{
    for (size_t i = 0; i < ARRAY_LEN(metas); i++)
        if (strcmp(uri, metas[i].uri) == 0)
            return metas[i].text;
    return NULL;
}
