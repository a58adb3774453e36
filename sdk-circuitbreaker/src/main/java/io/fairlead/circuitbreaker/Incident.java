// SPDX-License-Identifier: Apache-2.0
package io.fairlead.circuitbreaker;

/** What a breaker counts over its whole life besides calls. */
enum Incident {
    LATE,
    IGNORED,
    SUPPRESSED,
    CLASSIFIER_ERROR,
    LISTENER_ERROR
}
