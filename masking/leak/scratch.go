package leak

import "slices"

const (
	// maxDepth: base64 or hex in base64 or hex, no further.
	maxDepth = 2
	// maxRounds: layers of escapes opened, over the layer of the JSON itself.
	maxRounds = 4
	// keepBytes: larger buffers are not kept for the next body.
	keepBytes = 256 << 10
)

// hit is a finding before its position is known as a path.
type hit struct {
	offset   int
	notation string
}

// mark says that from out on, a text was copied from in on (until the next mark).
type mark struct{ out, in int32 }

// level is the buffers of one depth of encoding.
type level struct {
	text    [2][]byte
	quoted  []byte
	decoded []byte
	joined  []byte
}

// scratch is the working memory of one run.
type scratch struct {
	check *Check
	// own is the check of a single body.
	own    Check
	class  *classes
	body   []byte
	hits   []hit
	levels [maxDepth + 1]level
	// marks lead, last layer first, from an offset of the text now scanned at
	// depth 0 back to the body.
	marks  [maxRounds + 2][]mark
	layers int
	depth  int
	// outer is where, at depth 0, the run stands that is being decoded, and
	// coding how it is encoded.
	outer  int
	coding string
	piece  [8]byte // what one escape stands for
}

// search looks for a check's secrets in a body.
func (s *scratch) search(c *Check, body []byte, exempt []Span) []Finding {
	if c.empty() {
		return nil
	}
	s.reset(c, body)
	s.escapes(0, s.unescapeBody(body, exempt))
	return s.report(body)
}

func (s *scratch) reset(c *Check, body []byte) {
	s.check, s.class, s.body = c, c.pool.class, body
	s.hits, s.layers, s.depth = s.hits[:0], 0, 0
}

// small tells that the buffers may be kept.
func (s *scratch) small() bool {
	total := 0
	for i := range s.levels {
		l := &s.levels[i]
		total += cap(l.text[0]) + cap(l.text[1]) + cap(l.quoted) + cap(l.decoded) + cap(l.joined)
	}
	for _, m := range s.marks {
		total += cap(m) * 8
	}
	s.check, s.body = nil, nil
	return total <= keepBytes
}

// escapes scans a text, and again without each layer of escapes it has.
func (s *scratch) escapes(depth int, text []byte) {
	outer := s.depth
	s.depth = depth
	layers := s.layers
	l := &s.levels[depth]
	for round := range maxRounds + 1 {
		s.scan(text)
		s.quotedPrintable(text)
		if round == maxRounds || s.full() {
			break
		}
		next, changed := s.unescape(l.text[(round+1)%2][:0], text)
		if !changed {
			break
		}
		l.text[(round+1)%2], text = next, next
	}
	s.depth, s.layers = outer, layers
}

// scan looks at a text as it stands, and into what is encoded in it.
func (s *scratch) scan(text []byte) {
	s.digitStream(text)
	if at, ok := s.check.users.shortIn(text); ok {
		s.hit(at, UserID)
	}
	s.runs(text)
}

// hit records a finding at an offset of the text now scanned.
func (s *scratch) hit(offset int, notation string) {
	if s.depth > 0 {
		offset = s.outer
		if notation == Digits || notation == National {
			notation = s.coding
		}
	}
	h := hit{offset: s.where(offset), notation: notation}
	if !s.full() && !slices.Contains(s.hits, h) {
		s.hits = append(s.hits, h)
	}
}

func (s *scratch) full() bool { return len(s.hits) >= maxFindings }

// where returns the body's offset for one of the text now scanned at depth 0.
func (s *scratch) where(offset int) int {
	for layer := s.layers - 1; layer >= 0; layer-- {
		marks := s.marks[layer]
		at, exact := slices.BinarySearchFunc(marks, offset, func(m mark, o int) int { return int(m.out) - o })
		if !exact {
			at--
		}
		offset = int(marks[at].in) + offset - int(marks[at].out)
	}
	return offset
}

// begin starts a layer of marks, of a text that comes from offset in on; deeper
// texts have none, their run's place counts.
func (s *scratch) begin(in int) {
	if s.depth == 0 {
		s.layers++
		s.marks[s.layers-1] = s.marks[s.layers-1][:0]
		s.mark(0, in)
	}
}

// mark notes that the text's next byte comes from offset in.
func (s *scratch) mark(out, in int) {
	if s.depth == 0 {
		m := mark{out: int32(out), in: int32(in)} //nolint:gosec // bodies are a few MiB, the receiver sees to it
		s.marks[s.layers-1] = append(s.marks[s.layers-1], m)
	}
}
