package meta

import (
	"slices"

	"bauta/masking"
	"bauta/masking/jsontree"
)

// Catalogue is what Bauta knows of the platform's fields (webhooks.md sections
// 2 and 3): which arrays hold the events, and what stands at every position. It
// is read-only after NewCatalogue and safe for concurrent use. The tables are
// in catalogue_fields.go (events), catalogue_shapes.go and
// catalogue_values.go (positions) and catalogue_types.go (message types).
type Catalogue struct {
	parser  *jsontree.Parser
	fields  map[string]*compiledField
	unknown *compiledField
	types   map[string]messageType
	// guarded are the schemas with an identity or a message id at or below
	// them: where a value there has another type than the catalogue says, an
	// identity could be overlooked.
	guarded map[*masking.Schema]bool
	// medium is the schema of every medium; beside the guarded ones, towards lead
	// to one.
	medium  *masking.Schema
	towards map[*masking.Schema]bool
}

// compiledField is one field, ready for splitting.
type compiledField struct {
	name     string
	business string
	account  bool
	unknown  bool
	schema   *masking.Schema // of the whole envelope
	severed  *masking.Schema // the same, without what refers to another message
	passing  *masking.Schema // the same, without what lasts from status to status
	entry    *masking.Schema
	change   *masking.Schema
	value    *masking.Schema
	// places are the members of value that hold arrays of events; "" is value.
	places []string
	arrays []compiledArray
	// whole is set when the value itself is the one event.
	whole *source
}

// compiledArray is one array of events, with every way to read its elements.
type compiledArray struct {
	in, name string
	schema   *masking.Schema // of the array
	// nested are the arrays inside an element whose elements are the events;
	// self is how an element is read that has none of them.
	nested []source
	self   *source
}

// NewCatalogue builds the schemas of all fields. It is meant to be called once
// and shared: it takes a few hundred microseconds.
func NewCatalogue() *Catalogue {
	shapes := buildShapes(shapeTables())
	c := &Catalogue{
		parser:  jsontree.NewParser(),
		fields:  map[string]*compiledField{},
		types:   map[string]messageType{},
		guarded: map[*masking.Schema]bool{},
		medium:  shapes["medium"],
		towards: map[*masking.Schema]bool{},
	}
	for _, t := range messageTypes() {
		c.types[t.name] = t
	}
	severed, passing := without(refers), without(lasts)
	for _, f := range fieldTable() {
		compiled := compileField(f, shapes[f.value])
		markGuarded(compiled.schema, c.guarded)
		spread(compiled.schema, c.towards, func(s *masking.Schema) bool { return s == c.medium })
		compiled.severed, compiled.passing = severed(compiled.schema), passing(compiled.schema)
		c.fields[f.name] = compiled
		for _, alias := range f.aliases {
			c.fields[alias] = compiled
		}
	}
	c.unknown = compileField(field{unknown: true}, nil)
	c.unknown.severed, c.unknown.passing = c.unknown.schema, c.unknown.schema
	return c
}

// Fields returns the canonical names of all fields, sorted.
func (c *Catalogue) Fields() []string {
	var names []string
	for name, f := range c.fields {
		if name == f.name {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// Canonical returns the one name of a field that the platform spells in several
// ways; false for a field that the catalogue does not have.
func (c *Catalogue) Canonical(field string) (string, bool) {
	f, ok := c.fields[field]
	if !ok {
		return field, false
	}
	return f.name, true
}

// Schema returns the description of a field's whole envelope; that of an unknown
// field knows the envelope only, so everything in the value is text.
func (c *Catalogue) Schema(field string) *masking.Schema { return c.field(field).schema }

// Severed is Schema without what tells to which message of the business an event
// refers: the quoted message goes, and so does what the business wrote and the
// platform echoes. Status ids stay: they are re-issued.
func (c *Catalogue) Severed(field string) *masking.Schema { return c.field(field).severed }

// Passing is Schema without the conversation that a status names: its id and its end are
// the same for as long as it lasts, whatever the customer is called meanwhile.
func (c *Catalogue) Passing(field string) *masking.Schema { return c.field(field).passing }

func (c *Catalogue) field(name string) *compiledField {
	if f, ok := c.fields[name]; ok {
		return f
	}
	return c.unknown
}

func compileField(f field, value *masking.Schema) *compiledField {
	opaque := &masking.Schema{Role: masking.RoleOpaque}
	change := &masking.Schema{Members: map[string]*masking.Schema{"field": opaque, "value": value}}
	entry := &masking.Schema{Members: map[string]*masking.Schema{
		"id": opaque, "time": opaque, "changes": {Each: change},
	}}
	root := &masking.Schema{Members: map[string]*masking.Schema{"object": opaque, "entry": {Each: entry}}}
	compiled := &compiledField{
		name: f.name, business: f.business, account: f.account, unknown: f.unknown,
		schema: root, entry: entry, change: change, value: value,
	}
	if compiled.business == "" {
		compiled.business = "metadata"
	}
	for _, s := range f.events {
		compiled.add(s)
	}
	return compiled
}

// add files one row of the field table under its array.
func (f *compiledField) add(s source) {
	if s.array == "" {
		f.whole = &s
		return
	}
	if !slices.Contains(f.places, s.in) {
		f.places = append(f.places, s.in)
	}
	at := slices.IndexFunc(f.arrays, func(a compiledArray) bool { return a.in == s.in && a.name == s.array })
	if at < 0 {
		place := f.value
		if s.in != "" {
			place = place.Member(s.in)
		}
		f.arrays = append(f.arrays, compiledArray{in: s.in, name: s.array, schema: place.Member(s.array)})
		at = len(f.arrays) - 1
	}
	if s.nested == "" {
		f.arrays[at].self = &s
		return
	}
	f.arrays[at].nested = append(f.arrays[at].nested, s)
}
