// SPDX-License-Identifier: Apache-2.0
/**
 * Routes in the form in which calls are looked up: pure functions of a call, its key and a random number. Knows no instance,
 * no clock and no state of a service.
 */
package io.fairlead.balancer.table;
