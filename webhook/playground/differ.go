package playground

import (
	"encoding/json"
	"strconv"
	"unicode/utf8"

	"bauta/webhook/pages"
)

// marks are where two documents differ: what stood there on one side, and what stands
// there on the other.
type marks struct{ platform, business map[string]pages.Mark }

// differ compares the two sides of a step.
func differ(platform, business []byte) marks {
	m := marks{platform: map[string]pages.Mark{}, business: map[string]pages.Mark{}}
	var left, right any
	if json.Unmarshal(platform, &left) != nil || json.Unmarshal(business, &right) != nil {
		return m
	}
	m.compare("", left, right)
	return m
}

// none tells that there is no difference.
func (m marks) none() bool { return len(m.platform)+len(m.business) == 0 }

func (m marks) compare(path string, left, right any) {
	switch l := left.(type) {
	case map[string]any:
		if r, ok := right.(map[string]any); ok {
			m.members(path, l, r)
			return
		}
	case []any:
		if r, ok := right.([]any); ok {
			m.elements(path, l, r)
			return
		}
	case string:
		if r, ok := right.(string); ok {
			m.texts(path, l, r)
			return
		}
	default:
		if left == right {
			return
		}
	}
	m.platform[path], m.business[path] = pages.Mark{Tone: pages.ToneNumber}, pages.Mark{Tone: pages.ToneHandle}
}

func (m marks) members(path string, left, right map[string]any) {
	under := func(name string) string {
		if path == "" {
			return name
		}
		return path + "." + name
	}
	for name, l := range left {
		if r, ok := right[name]; ok {
			m.compare(under(name), l, r)
			continue
		}
		m.platform[under(name)] = pages.Mark{Tone: pages.ToneRemoved}
	}
	for name := range right {
		if _, ok := left[name]; !ok {
			m.business[under(name)] = pages.Mark{Tone: pages.ToneAdded}
		}
	}
}

func (m marks) elements(path string, left, right []any) {
	at := func(i int) string { return path + "[" + strconv.Itoa(i) + "]" }
	for i := range min(len(left), len(right)) {
		m.compare(at(i), left[i], right[i])
	}
	for i := len(right); i < len(left); i++ {
		m.platform[at(i)] = pages.Mark{Tone: pages.ToneRemoved}
	}
	for i := len(left); i < len(right); i++ {
		m.business[at(i)] = pages.Mark{Tone: pages.ToneAdded}
	}
}

// texts marks what is between the beginning and the end that two texts share.
func (m marks) texts(path, left, right string) {
	if left == right {
		return
	}
	from := 0
	for from < min(len(left), len(right)) && left[from] == right[from] {
		from++
	}
	for from > 0 && (!boundary(left, from) || !boundary(right, from)) {
		from--
	}
	end := 0
	for end < min(len(left), len(right))-from && left[len(left)-1-end] == right[len(right)-1-end] {
		end++
	}
	for end > 0 && (!boundary(left, len(left)-end) || !boundary(right, len(right)-end)) {
		end--
	}
	// A number is marked whole, also where both begin or end with the same digits.
	for from > 0 && digit(left[from-1]) {
		from--
	}
	for end > 0 && digit(left[len(left)-end]) {
		end--
	}
	m.platform[path] = pages.Mark{Tone: pages.ToneNumber, From: from, To: len(left) - end}
	m.business[path] = pages.Mark{Tone: pages.ToneHandle, From: from, To: len(right) - end}
}

func digit(b byte) bool { return '0' <= b && b <= '9' }

// boundary tells that a text may be cut there: not within a letter.
func boundary(text string, at int) bool { return at >= len(text) || utf8.RuneStart(text[at]) }
