"""Reads a script with a grammar of PowerShell that is not ours, and prints its syntax: the kinds of its nodes, one a line.

What cannot be parsed is an error. Words in strings are no nodes, so scripts that differ in them print the same.
"""

import sys

import tree_sitter
import tree_sitter_powershell


def walk(node, depth):
    if node.type == "ERROR" or node.is_missing:
        sys.exit(f"line {node.start_point[0] + 1}: {node.text.decode(errors='replace')[:200]}")
    print(f"{' ' * depth}{node.type}")
    for child in node.children:
        walk(child, depth + 1)


grammar = tree_sitter.Language(tree_sitter_powershell.language())
with open(sys.argv[1], "rb") as script:
    walk(tree_sitter.Parser(grammar).parse(script.read()).root_node, 0)
