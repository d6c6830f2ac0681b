import { Body, Controller, Get, Param, Post, Query, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Public } from '../../../../shared/http/caller';
import { checkoutPage, successAddress } from './checkout-page';
import { html } from './html';
import { LocalCheckoutDesk } from './local-checkout-desk';
import { CheckoutForm, PortalForm } from './local-forms.schemas';
import { checkoutPath, portalPath } from './local-paths';
import { LocalPortalDesk } from './local-portal-desk';
import type { Note } from './notes';
import { contentSecurityPolicy, isWebAddress, type Page, toPage } from './page';
import { portalPage } from './portal-page';

/** Nobody asks the database for what cannot be an id. */
const ID = /^[\w-]{1,100}$/;
const SEE_OTHER = 303;

/**
 * Pages for people, of plain HTML: whoever knows the address of one, which cannot be guessed, may use it. They exist only
 * where nobody really pays.
 */
@ApiExcludeController()
@Controller('payments/local')
@Public()
export class LocalPaymentsController {
  constructor(
    private readonly checkoutDesk: LocalCheckoutDesk,
    private readonly portalDesk: LocalPortalDesk,
  ) {}

  @Get('checkouts/:id')
  async showCheckout(
    @Param('id') id: string,
    @Query('note') note: string | undefined,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const found = ID.test(id) ? await this.checkoutDesk.look(id) : undefined;
    send(reply, found ? checkoutPage(found.checkout, found.email, note) : unknownPage());
  }

  @Post('checkouts/:id')
  async useCheckout(
    @Param('id') id: string,
    @Body({ schema: CheckoutForm }) { action }: CheckoutForm,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const desk = this.checkoutDesk;
    const found = ID.test(id) ? await (action === 'pay' ? desk.pay(id) : desk.look(id)) : undefined;
    if (!found) {
      send(reply, unknownPage());
      return;
    }
    const { checkout } = found;
    const isOpen = checkout.status === 'open';
    const target = successAddress(checkout);
    if (checkout.status === 'paid' && isWebAddress(target)) void reply.redirect(new URL(target).href, SEE_OTHER);
    else void reply.redirect(withNote(checkoutPath(id), isOpen ? 'declined' : undefined), SEE_OTHER);
  }

  @Get('portals/:id')
  async showPortal(
    @Param('id') id: string,
    @Query('note') note: string | undefined,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const found = ID.test(id) ? await this.portalDesk.look(id) : undefined;
    send(reply, found ? portalPage(found.portal, found.file, note) : unknownPage());
  }

  @Post('portals/:id')
  async usePortal(
    @Param('id') id: string,
    @Body({ schema: PortalForm }) form: PortalForm,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const note = ID.test(id) ? await this.portalDesk.act(id, form) : undefined;
    if (note) void reply.redirect(withNote(portalPath(id), note), SEE_OTHER);
    else send(reply, unknownPage());
  }
}

function withNote(path: string, note: Note | undefined): string {
  return note ? `${path}?note=${note}` : path;
}

function unknownPage(): Page {
  return toPage('Not found', html`<section><p>There is no such page. Ask for a new one.</p></section>`, [], 404);
}

function send(reply: FastifyReply, page: Page): void {
  void reply
    .code(page.status)
    .header('content-type', 'text/html; charset=utf-8')
    .header('content-security-policy', contentSecurityPolicy(page))
    .send(page.text);
}
