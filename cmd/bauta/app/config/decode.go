package config

import (
	"cmp"
	"reflect"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

type position struct{ line, column int }

// decoder fills the structs from the syntax tree and collects every fault. The
// library's own decoder stops at the first one, so it is not used.
type decoder struct {
	source
	name      string
	positions map[string]position
	faults    []Fault
	warnings  []Fault
	// faulty are paths with a fault; what follows from it is not told again.
	faulty map[string]bool
	// needed are the secrets whose absence is a fault.
	needed Secrets
	// literals are the paths of secrets that stand in the file itself.
	literals []string
}

// decode fills v, which already holds its defaults, from a node.
func (d *decoder) decode(node ast.Node, v reflect.Value, f field, path string) {
	d.positions[path] = positionOf(node)
	switch node.Type() {
	case ast.NullType:
		delete(d.positions, path)
		return
	case ast.AnchorType, ast.AliasType, ast.TagType, ast.MergeKeyType:
		d.fault(path, "anchors, aliases and tags are not taken", "write the value out")
		return
	default:
	}
	switch {
	case v.Kind() == reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		d.decode(node, v.Elem(), f, path)
	case isValue(v.Type()):
		d.scalar(node, v, f, path)
	case v.Kind() == reflect.Struct:
		d.structure(node, v, path)
	case v.Kind() == reflect.Slice:
		d.list(node, v, f, path)
	case v.Kind() == reflect.Map:
		d.table(node, v, f, path)
	default:
		d.scalar(node, v, f, path)
	}
}

func (d *decoder) structure(node ast.Node, v reflect.Value, path string) {
	entries, ok := entriesOf(node)
	if !ok {
		d.fault(path, "must hold keys", "write it as key: value lines")
		return
	}
	known := map[string]field{}
	var names []string
	for _, f := range fieldsOf(v.Type()) {
		known[f.name] = f
		names = append(names, f.name)
	}
	seen := map[string]bool{}
	for _, entry := range entries {
		name := keyOf(entry)
		inner := join(path, name)
		f, ok := known[name]
		switch {
		case !ok:
			d.positions[inner] = positionOf(entry.Key)
			d.fault(inner, "unknown key", elsewhere(name)+"known here: "+strings.Join(names, ", "))
		case seen[name]:
			d.add(positionOf(entry.Key), inner, refusal{"the key stands twice", "remove one"})
			d.faulty[inner] = true
		default:
			d.decode(entry.Value, v.Field(f.index), f, inner)
		}
		seen[name] = true
	}
	d.requirements(v, path)
}

// requirements finds required keys that are absent or empty, and secrets that are
// empty, such as by a variable.
func (d *decoder) requirements(v reflect.Value, path string) {
	for _, f := range fieldsOf(v.Type()) {
		inner, value := join(path, f.name), v.Field(f.index)
		_, secret := reflect.TypeAssert[Secret](value)
		if f.required == "" && !secret {
			continue
		}
		_, present := d.positions[inner]
		empty := value.IsZero() && value.Kind() != reflect.Bool
		if value.Kind() == reflect.Slice {
			empty = value.Len() == 0
		}
		switch {
		case !present && f.required != "":
			d.fault(inner, "is missing", f.required)
		case present && empty:
			d.fault(inner, "is empty", cmp.Or(f.required, "remove it or fill it in"))
		}
	}
}

func (d *decoder) list(node ast.Node, v reflect.Value, f field, path string) {
	sequence, ok := node.(*ast.SequenceNode)
	if !ok {
		d.fault(path, "must be a list", "write [one, two], or one - line for each")
		return
	}
	v.SetZero()
	for i, element := range sequence.Values {
		inner := path + "[" + strconv.Itoa(i) + "]"
		item := reflect.New(v.Type().Elem()).Elem()
		if item.Kind() == reflect.Struct && !isValue(item.Type()) {
			if err := setDefaults(item); err != nil {
				d.fault(inner, err.Error(), "")
			}
		}
		d.decode(element, item, f, inner)
		if _, present := d.positions[inner]; !present || emptyText(item) {
			d.fault(inner, "is empty", "remove it or fill it in")
		}
		v.Set(reflect.Append(v, item))
	}
}

func emptyText(v reflect.Value) bool {
	_, secret := reflect.TypeAssert[Secret](v)
	return (secret || v.Kind() == reflect.String) && v.IsZero()
}

func (d *decoder) table(node ast.Node, v reflect.Value, f field, path string) {
	entries, ok := entriesOf(node)
	if !ok {
		d.fault(path, "must hold keys", "it is "+f.doc)
		return
	}
	v.Set(reflect.MakeMap(v.Type()))
	for _, entry := range entries {
		name := keyOf(entry)
		key := reflect.ValueOf(name)
		if v.MapIndex(key).IsValid() {
			d.add(positionOf(entry.Key), join(path, name), refusal{"the key stands twice", "remove one"})
			continue
		}
		item := reflect.New(v.Type().Elem()).Elem()
		d.decode(entry.Value, item, f, join(path, name))
		v.SetMapIndex(key, item)
	}
}

func (d *decoder) scalar(node ast.Node, v reflect.Value, f field, path string) {
	text, ok := textOf(node)
	if !ok {
		d.fault(path, "must be a single value", "")
		return
	}
	resolve := d.plain
	secret := v.Type() == reflect.TypeFor[Secret]()
	if secret {
		resolve = d.secret
		d.writtenOut(text, path)
	}
	file, _ := strings.CutPrefix(text, "file:")
	isFile := secret && file != text
	text, refused := resolve(text)
	if isFile && refused == nil {
		d.guard(path, file, "a secret stands in it")
	}
	if refused != nil && secret && !d.needed.has(path) {
		d.faulty[path] = true // nothing more is said of it
		return
	}
	if refused != nil {
		d.fault(path, refused.problem, refused.advice)
		return
	}
	if _, moment := reflect.TypeAssert[Moment](v); moment && text == "" {
		return
	}
	if err := setText(v, text); err != nil {
		d.fault(path, err.Error(), "")
		return
	}
	if refused := f.check(v, text); refused != nil {
		d.fault(path, refused.problem, refused.advice)
	}
}

// fault records what is wrong at a path, once.
func (d *decoder) fault(path, problem, advice string) {
	if d.faulty[path] {
		return
	}
	d.faulty[path] = true
	d.add(near(d.positions, path), path, refusal{problem, advice})
}

func (d *decoder) add(at position, path string, r refusal) {
	d.faults = append(d.faults, Fault{
		File: d.name, Line: at.line, Column: at.column, Key: path, Problem: r.problem, Advice: r.advice,
	})
}

func (d *decoder) warn(path, problem, advice string) {
	at := near(d.positions, path)
	d.warnings = append(d.warnings, Fault{
		File: d.name, Line: at.line, Column: at.column, Key: path, Problem: problem, Advice: advice,
	})
}

// near returns where a path stands, or the innermost present part around it.
func near(positions map[string]position, path string) position {
	for path != "" {
		if at, ok := positions[path]; ok {
			return at
		}
		path = path[:max(strings.LastIndexAny(path, ".["), 0)]
	}
	return positions[""]
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

func keyOf(entry *ast.MappingValueNode) string {
	if text, ok := textOf(entry.Key); ok {
		return text
	}
	return entry.Key.GetToken().Value
}

func entriesOf(node ast.Node) ([]*ast.MappingValueNode, bool) {
	switch n := node.(type) {
	case *ast.MappingNode:
		return n.Values, true
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{n}, true
	}
	return nil, false
}

// textOf is a scalar as it is written: 10 and "10" are the same to a string.
func textOf(node ast.Node) (string, bool) {
	switch n := node.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.LiteralNode:
		return n.Value.Value, true
	case *ast.IntegerNode:
		return n.Token.Value, true
	case *ast.FloatNode:
		return n.Token.Value, true
	case *ast.BoolNode:
		return n.Token.Value, true
	}
	return "", false
}

// positionOf is where a reader looks for a node: its first key or its token.
func positionOf(node ast.Node) position {
	if entries, ok := entriesOf(node); ok && len(entries) > 0 {
		if m, isMap := node.(*ast.MappingNode); !isMap || !m.IsFlowStyle {
			return at(entries[0].Key.GetToken())
		}
	}
	return at(node.GetToken())
}

func at(t *token.Token) position {
	if t == nil || t.Position == nil {
		return position{}
	}
	return position{line: t.Position.Line, column: t.Position.Column}
}
