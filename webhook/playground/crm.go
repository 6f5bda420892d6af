package playground

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"
)

// thread is a conversation as the CRM has it. The CRM knows what it was sent, and reads it
// as software written for the platform does.
type thread struct {
	// key is what the CRM takes the customer for: a user id, a number, or a group's id.
	key, name string
	// group, and member: who of it wrote last.
	group  bool
	member string
	// handle and visibility are the headers of the newest delivery.
	handle, visibility string
	// number is the customer's, where the CRM was given it.
	number string
	// last is the newest message's id, which an answer quotes.
	last     string
	messages []crmMessage
}

// add puts a line at the end; the newest stay.
func (t *thread) add(line crmMessage) { t.messages = newest(append(t.messages, line), mostMessages) }

// crmMessage is one line of a thread. Note is a key of messages ("crm.").
type crmMessage struct {
	id, text, note, status string
	mine                   bool
	at                     time.Time
}

// event is what a CRM reads of an event.
type event struct {
	// Of Bauta's own events.
	Type string `json:"type"`
	Data struct {
		Handle string `json:"handle"`
		Number string `json:"number"`
		Group  string `json:"group_id"`
	} `json:"data"`
	Entry []struct {
		Changes []struct {
			Value value `json:"value"`
		} `json:"changes"`
	} `json:"entry"`
}

type value struct {
	Contacts []struct {
		Profile struct {
			Name string `json:"name"`
		} `json:"profile"`
		WaID string `json:"wa_id"`
	} `json:"contacts"`
	Messages []message `json:"messages"`
	Statuses []struct {
		ID     string `json:"id"`
		Status string `json:"status"`
	} `json:"statuses"`
}

type message struct {
	ID    string `json:"id"`
	From  string `json:"from"`
	User  string `json:"from_user_id"`
	Group string `json:"group_id"`
	Type  string `json:"type"`
	Text  struct {
		Body string `json:"body"`
	} `json:"text"`
	System struct {
		Body string `json:"body"`
	} `json:"system"`
	Interactive struct {
		Reply struct {
			Title string `json:"title"`
		} `json:"button_reply"`
	} `json:"interactive"`
	Contacts []struct {
		Name struct {
			Formatted string `json:"formatted_name"`
		} `json:"name"`
		Phones []struct {
			Phone string `json:"phone"`
		} `json:"phones"`
	} `json:"contacts"`
}

// ServeHTTP is the CRM's webhook.
func (s *Show) takeDelivery(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 4<<20))
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	told := map[string]string{}
	for _, name := range []string{"Bauta-Visibility", "Bauta-Handle", "Bauta-Decision"} {
		told[name] = r.Header.Get(name)
	}
	id := r.Header.Get("Webhook-Id")
	var e event
	if json.Unmarshal(body, &e) != nil {
		e = event{} // the CRM keeps what it cannot read, and makes nothing of it
	}
	n := s.step(id)
	if n == nil {
		n = &step{id: id, way: wayNews, kind: "news", sort: e.Type}
		s.add(n)
	}
	n.business, n.told = body, told
	s.inbox.take(e, told)
	s.touch()
	w.WriteHeader(http.StatusOK)
}

// inbox is the CRM's conversations.
type inbox struct {
	threads []*thread
	// open is the one that is shown, by its place.
	open int
}

// take reads an event.
func (b *inbox) take(e event, told map[string]string) {
	if e.Type != "" {
		b.news(e)
	}
	for _, entry := range e.Entry {
		for _, change := range entry.Changes {
			name := ""
			if c := change.Value.Contacts; len(c) > 0 {
				name = c[0].Profile.Name
			}
			for _, m := range change.Value.Messages {
				b.message(m, name, told)
			}
			for _, status := range change.Value.Statuses {
				b.status(status.ID, status.Status)
			}
		}
	}
}

func (b *inbox) message(m message, name string, told map[string]string) {
	key := m.User
	if key == "" {
		key = m.From
	}
	member := key
	if m.Group != "" {
		key = m.Group
	}
	handle := told["Bauta-Handle"]
	t, at := b.thread(key, handle, m.Group != "")
	t.key = key
	if name != "" {
		t.name = name
	}
	if m.Group != "" {
		t.group, t.member = true, member
	}
	t.handle, t.visibility, t.last = handle, told["Bauta-Visibility"], m.ID
	t.number = ""
	if t.visibility == "visible" || t.visibility == "shared" {
		t.number = m.From
	}
	line := crmMessage{id: m.ID, text: m.text(), at: time.Now()}
	if m.Type == "contacts" {
		line.note = "card"
	}
	t.add(line)
	b.open = at
}

func (m message) text() string {
	switch {
	case m.Text.Body != "":
		return m.Text.Body
	case m.System.Body != "":
		return m.System.Body
	case m.Interactive.Reply.Title != "":
		return m.Interactive.Reply.Title
	case len(m.Contacts) > 0:
		var parts []string
		for _, c := range m.Contacts {
			parts = append(parts, c.Name.Formatted)
			for _, p := range c.Phones {
				parts = append(parts, p.Phone)
			}
		}
		return strings.Join(parts, ", ")
	}
	return m.Type
}

// news is an event of Bauta's own: a note in the thread that it is about.
func (b *inbox) news(e event) {
	for _, t := range b.threads {
		if t.handle == "" || t.handle != e.Data.Handle {
			continue
		}
		switch e.Type {
		case "number_shared":
			t.visibility, t.number = "shared", e.Data.Number
		case "number_withdrawn":
			t.visibility, t.number = "withdrawn", ""
		}
		t.add(crmMessage{note: e.Type, at: time.Now()})
	}
}

func (b *inbox) status(id, status string) {
	for _, t := range b.threads {
		for i := range t.messages {
			if t.messages[i].id == id {
				t.messages[i].status = status
			}
		}
	}
}

// thread finds one and its place, or makes it. Both shapes of a handle have the same ten
// digits in them, by which a CRM that changes from one to the other knows its customers.
func (b *inbox) thread(key, handle string, group bool) (*thread, int) {
	for i, t := range b.threads {
		if t.key == key || !group && !t.group && digitsOf(handle) != "" && digitsOf(handle) == digitsOf(t.handle) {
			return t, i
		}
	}
	t := &thread{key: key}
	b.threads = newest(append(b.threads, t), mostThreads)
	return t, len(b.threads) - 1
}

// digitsOf are the ten digits that both shapes of a handle share, "" for what is none.
func digitsOf(handle string) string {
	const shared = 10
	digits, phone := strings.CutPrefix(handle, "999")
	if !phone {
		_, digits, _ = strings.Cut(handle, ".")
	}
	if len(digits) < shared {
		return ""
	}
	return digits[:shared]
}

// openOf opens the direct chat with somebody of a name, if there is one.
func (b *inbox) openOf(name string) {
	if i := slices.IndexFunc(b.threads, func(t *thread) bool { return !t.group && t.name == name }); i >= 0 {
		b.open = i
	}
}

// shown is the open thread, nil if there is none.
func (b *inbox) shown() *thread {
	if b.open < 0 || b.open >= len(b.threads) {
		return nil
	}
	return b.threads[b.open]
}
