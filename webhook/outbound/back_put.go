package outbound

import (
	"slices"

	"bauta/masking"
	"bauta/masking/jsontree"
	"bauta/masking/leak"
)

// output is an answer on its last step.
type output struct {
	body   []byte
	exempt []masking.Span
	edits  []edit
}

// putIn writes into the masked answer what the business wrote itself, and the pages
// of a list. It is false where a cursor could not be sealed.
func (r *reading) putIn(result masking.Result, seen *survey) (output, bool) {
	out := output{body: result.Body, exempt: result.Exempt}
	sent := r.sentTexts(seen.inputs)
	paging := r.doc.Member(0, pagingKey) != jsontree.None
	if !paging && len(sent) == 0 {
		return out, true
	}
	doc, err := r.t.parser.Parse(result.Body)
	if err != nil {
		return out, false
	}
	if len(sent) > 0 && !out.echo(doc, inputsOf(doc, 0, r.schema, nil), sent) {
		return out, false
	}
	if paging {
		pages, ok := r.pages()
		if !ok {
			return out, false
		}
		for c := doc.Nodes[0].Child; c != jsontree.None; c = doc.Nodes[c].Next {
			if doc.KeyIs(c, pagingKey) {
				out.edits = append(out.edits, edit{doc.Nodes[c].Start, doc.Nodes[c].End, pages})
			}
		}
	}
	out.apply()
	return out, true
}

// sentTexts are, for each input, what the business wrote; "" where it wrote nothing
// or the rewriter writes the same; nil if nothing is to be put in.
func (r *reading) sentTexts(inputs []int32) []string {
	if len(inputs) == 0 || len(r.o.addressed) == 0 {
		return nil
	}
	var texts []string
	used := make([]bool, len(r.o.addressed))
	for i, at := range inputs {
		k := r.addresseeAt(at, used)
		if k < 0 {
			continue
		}
		used[k] = true
		if sent := r.o.addressed[k].sent; sent != r.rewritten(at) {
			if texts == nil {
				texts = make([]string, len(inputs))
			}
			texts[i] = sent
		}
	}
	return texts
}

// rewritten is what the rewriter makes of an input that names one of the people, ""
// of any other.
func (r *reading) rewritten(at int32) string {
	text, _ := r.doc.String(at)
	who, ok := masking.IdentityOf(text)
	if !ok {
		return ""
	}
	switch i := r.place(who); {
	case i < 0 || r.doc.Nodes[at].Kind != jsontree.String:
		return ""
	case r.people[i].Visible:
		return text
	default:
		return r.people[i].Handle.In(r.o.call.Business.View)
	}
}

// addresseeAt returns which addressee an input repeats, -1 if none: whom it names;
// or the only one there is, if it names nobody else.
func (r *reading) addresseeAt(at int32, used []bool) int {
	text, _ := r.doc.String(at)
	who, ok := masking.IdentityOf(text)
	person := -1
	if ok {
		person = r.place(who)
	}
	found := -1
	for k := range r.o.addressed {
		a := &r.o.addressed[k]
		same := ok && (a.told.Canonical() == who.Canonical() || person >= 0 && r.place(a.told) == person)
		if same && (found < 0 || used[found] && !used[k]) {
			found = k
		}
	}
	if found < 0 && len(r.o.addressed) == 1 && person < 0 {
		return 0
	}
	return found
}

// inputsOf lists the inputs of the masked answer, which are as many as before.
func inputsOf(doc *jsontree.Doc, at int32, s *masking.Schema, inputs []int32) []int32 {
	if s == nil {
		return inputs
	}
	switch doc.Nodes[at].Kind {
	case jsontree.Object:
		for c := doc.Nodes[at].Child; c != jsontree.None; c = doc.Nodes[c].Next {
			member := describe(doc, s, c)
			if isInput(doc, c, member) {
				inputs = append(inputs, c)
			}
			inputs = inputsOf(doc, c, member, inputs)
		}
	case jsontree.Array:
		for c := doc.Nodes[at].Child; c != jsontree.None; c = doc.Nodes[c].Next {
			inputs = inputsOf(doc, c, s.Each, inputs)
		}
	case jsontree.Literal, jsontree.String, jsontree.Number:
	}
	return inputs
}

// echo puts the business's own texts in the place of the inputs.
func (o *output) echo(doc *jsontree.Doc, inputs []int32, sent []string) bool {
	if len(inputs) != len(sent) {
		return false
	}
	for i, at := range inputs {
		node := &doc.Nodes[at]
		if sent[i] != "" {
			o.edits = append(o.edits, edit{node.Start, node.End, quoted(sent[i])})
		}
	}
	return true
}

// apply makes the edits and moves the exempt spans along.
func (o *output) apply() {
	if len(o.edits) == 0 {
		return
	}
	slices.SortFunc(o.edits, func(a, b edit) int { return int(a.start - b.start) })
	body := make([]byte, 0, len(o.body)+len(o.edits)*24)
	at, moved := 0, slices.Clone(o.exempt)
	for _, e := range o.edits {
		start, end := int(e.start), int(e.end)
		shift := len(e.text) - (end - start)
		for i, span := range o.exempt {
			if span.Start >= end {
				moved[i].Start += shift
				moved[i].End += shift
			}
		}
		body = append(append(body, o.body[at:start]...), e.text...)
		at = end
	}
	o.body, o.exempt = append(body, o.body[at:]...), moved
}

func spans(exempt []masking.Span) []leak.Span {
	out := make([]leak.Span, len(exempt))
	for i, s := range exempt {
		out[i] = leak.Span{Start: s.Start, End: s.End}
	}
	return out
}

func positions(findings []leak.Finding) []string {
	var out []string
	for _, f := range findings {
		out = append(out, f.Position+" ("+f.Notation+")")
	}
	return out
}
