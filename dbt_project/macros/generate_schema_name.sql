{#- A folder is a schema: `marts` is `marts`, with no target's name in front of it. -#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ (custom_schema_name or target.schema) | trim }}
{%- endmacro %}
