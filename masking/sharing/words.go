package sharing

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Words are those that act when they are the whole message.
type Words struct {
	Share, Withdraw, Show, Erase []string
}

// Word is what a message that is one of the words asks for.
type Word uint8

// The words. The zero value asks for nothing.
const (
	NoWord Word = iota
	WordShare
	WordWithdraw
	WordShow
	WordErase
)

const (
	maxWord = 100
	// maxWordBytes is how much of a text message is looked at (meta.Act.Text).
	maxWordBytes = 256
)

// action is a setting's name, its words and what they ask for.
type action struct {
	setting string
	words   []string
	word    Word
}

// actions puts sharing last: a word that should stand for two things does not share.
func (w Words) actions() []action {
	return []action{
		{"withdraw", w.Withdraw, WordWithdraw}, {"show", w.Show, WordShow}, {"erase", w.Erase, WordErase}, {"share", w.Share, WordShare},
	}
}

// Find tells which word a whole message is: the same letters but for case (simple
// folding of Unicode, as strings.EqualFold has it) and the space around it. A message
// that only holds a word is none.
func (w Words) Find(text string) Word {
	text = strings.TrimSpace(text)
	if text == "" {
		return NoWord
	}
	for _, a := range w.actions() {
		for _, word := range a.words {
			if strings.EqualFold(strings.TrimSpace(word), text) {
				return a.word
			}
		}
	}
	return NoWord
}

// CheckWords says what is wrong with configured words, in the order of the settings;
// nil if nothing is.
func CheckWords(w Words) []string {
	type place struct {
		setting, word string
	}
	var faults []string
	var seen []place
	for _, a := range w.actions() {
		for _, word := range a.words {
			word = strings.TrimSpace(word)
			switch {
			case word == "":
				faults = append(faults, a.setting+": a word is empty")
			case !utf8.ValidString(word):
				faults = append(faults, a.setting+": a word is no UTF-8")
			case utf8.RuneCountInString(word) > maxWord || len(word) > maxWordBytes:
				faults = append(faults, fmt.Sprintf("%s: a word has more than %d characters, or %d bytes", a.setting, maxWord, maxWordBytes))
			}
			for _, other := range seen {
				if word != "" && strings.EqualFold(other.word, word) {
					faults = append(faults, fmt.Sprintf("%s: %q stands in %s already", a.setting, word, other.setting))
					break
				}
			}
			seen = append(seen, place{a.setting, word})
		}
	}
	return faults
}
