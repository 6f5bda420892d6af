// Package playground is the page of `bauta demo`: a customer's phone, what the platform
// sends, what a business gets, and the business's inbox, all of it live around a Bauta
// that runs.
//
// Show is what happens: people with phones at the stand-in for the platform, a CRM, and
// the events between them as the pipeline itself explains them. Handler is the page. There
// is one show a process, and every page that is open shows the same.
//
// A page has two streams. What may show a number (the phone and the platform's side) comes
// by one, everything else by the other, and stands in elements of its own: data-number is
// may-show there. Where data-number is shared, on the business's side, a number may be that
// its customer shared or that was never hidden.
package playground
