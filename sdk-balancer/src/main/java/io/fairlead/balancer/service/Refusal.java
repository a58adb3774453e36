// SPDX-License-Identifier: Apache-2.0
package io.fairlead.balancer.service;

/** Why an instance does not accept a call. */
enum Refusal {
    /** The call has tried it before. */
    TRIED,
    /** It has as many attempts in flight as its concurrency limit allows, which nothing overrules. */
    FULL,
    /** It asked to be left alone for a while, and there are enough others. */
    ASKED,
    /** Its guard objects, and there is no panic to overrule it. */
    GUARD
}
