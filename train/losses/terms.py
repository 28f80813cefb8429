"""Training objectives, one pure function per equation. Every function returns a scalar mean, so weights do not depend
on the batch size (the authors' code summed LPIPS over the batch, which silenced its discriminator)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

Features = Sequence[Tensor]


def reconstruction(output: Tensor, target: Tensor, scales: Sequence[int] = (1, 4, 16)) -> Tensor:
    """Mean squared error of the pictures averaged over cells of each scale. (B,3,H,W) twice, in [-1,1].

    Squared, not absolute: while a region may be light or dark, an absolute error's best answer is a constant median
    that has no gradient to leave it by (measured: it learns nothing in the time in which this separates figure from
    ground). Coarse cells weigh a region's tone, which texture would otherwise drown.
    """
    terms = []
    for scale in scales:
        a, b = (F.avg_pool2d(x, scale) if scale > 1 else x for x in (output, target))
        terms.append(F.mse_loss(a, b))
    return torch.stack(terms).mean()


def out_of_range(output: Tensor) -> Tensor:
    """What lies outside [-1,1]: the decoder has no squashing at its end."""
    return (output.abs() - 1).clamp_min(0).mean()


def perceptual(output: Features, target: Features) -> Tensor:
    """Squared error between feature maps, each layer relative to its own mean square (Johnson et al. 2016)."""
    terms = [F.mse_loss(a, b) / b.square().mean().clamp_min(1e-6) for a, b in zip(output, target, strict=True)]
    return torch.stack(terms).mean()


def gram_matrix(features: Tensor) -> Tensor:
    """(B,C,H,W) -> (B,C,C), one per picture: the authors' mixed the pictures of a batch."""
    x = features.flatten(2).float()
    return torch.bmm(x, x.transpose(1, 2)) / x[0].numel()


def gram(output: Features, reference: Features) -> Tensor:
    """Relative squared distance of Gram matrices (Gatys et al. 2016), averaged over layers."""
    terms = []
    for a, b in zip(output, reference, strict=True):
        target = gram_matrix(b)
        terms.append(F.mse_loss(gram_matrix(a), target) / target.square().mean().clamp_min(1e-12))
    return torch.stack(terms).mean()


def feature_statistics(output: Features, reference: Features) -> Tensor:
    """Relative squared distance of channel means and deviations (Huang & Belongie 2017), averaged over layers."""
    terms = []
    for a, b in zip(output, reference, strict=True):
        for statistic in (lambda z: z.float().mean((2, 3)), lambda z: z.float().std((2, 3))):
            target = statistic(b)
            terms.append(F.mse_loss(statistic(a), target) / target.square().mean().clamp_min(1e-6))
    return torch.stack(terms).mean()


def palette_distance(output: Tensor, reference: Tensor, directions: Tensor, samples: int = 32) -> Tensor:
    """Sliced Wasserstein distance of the two pictures' colours (Bonneel et al. 2015).

    Where a colour is does not matter. output, reference (B,3,H,W); directions (N,3), unit vectors. Pictures are
    averaged down to samples² first.
    """

    def sorted_projections(image: Tensor) -> Tensor:
        small = F.adaptive_avg_pool2d(image.float(), samples).flatten(2)
        return torch.einsum("nc,bcp->bnp", directions.float(), small).sort(-1).values

    return F.l1_loss(sorted_projections(output), sorted_projections(reference))


def local_contrast(output: Tensor, target: Tensor, window: int = 8) -> Tensor:
    """Distance of the deviations of brightness inside windows: a blurred average has none where the target has some."""

    def deviation(image: Tensor) -> Tensor:
        grey = image.float().mean(1, keepdim=True)
        mean = F.avg_pool2d(grey, window, window // 2)
        return (F.avg_pool2d(grey.square(), window, window // 2) - mean.square()).clamp_min(1e-5).sqrt()

    return F.l1_loss(deviation(output), deviation(target))


def edge_map(image: Tensor) -> Tensor:
    """(B,3,H,W) -> (B,1,H,W) gradient magnitude of brightness, smoothed by the Sobel kernel."""
    grey = image.float().mean(1, keepdim=True)
    kernel = grey.new_tensor([[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]]).div(8)
    gradient = F.conv2d(F.pad(grey, (1, 1, 1, 1), "replicate"), torch.stack([kernel, kernel.T])[:, None])
    return (gradient.square().sum(1, keepdim=True) + 1e-6).sqrt()


def edge_consistency(output: Tensor, ink: Tensor, target: Tensor) -> Tensor:
    """Edges where the ink is and none elsewhere: the output's edges against those of the picture the ink came from.

    Contrasts differ between the two pictures, so each edge map is divided by its own mean.
    """
    a, b = edge_map(output), edge_map(target)
    near = F.max_pool2d(ink.float(), 5, 1, 2)
    a, b = (e / e.mean((1, 2, 3), keepdim=True).clamp_min(1e-3) for e in (a, b))
    away = (a * (1 - near)).mean() - (b * (1 - near)).mean()
    return F.l1_loss(a * near, b * near) + away.clamp_min(0)


def content_triplet(anchor: Features, positive: Features, negative: Features, margin: float = 0.3) -> Tensor:
    """The same drawing made bold, broken or bent stays closer than another drawing, at every level.

    Cosine distances of features centred over space: normalised, so the margin cannot be met by inflating features.
    """

    def direction(x: Tensor) -> Tensor:
        x = F.adaptive_avg_pool2d(x.float(), 8)
        return F.normalize((x - x.mean((2, 3), keepdim=True)).flatten(1), dim=1)

    terms = []
    for a, p, n in zip(anchor, positive, negative, strict=True):
        a, p, n = direction(a), direction(p), direction(n)
        terms.append((margin + (a * n).sum(1) - (a * p).sum(1)).clamp_min(0).mean() + (1 - (a * p).sum(1)).mean())
    return torch.stack(terms).mean()


def style_triplet(
    anchor: Sequence[Tensor], positive: Sequence[Tensor], negative: Sequence[Tensor], margin: float = 0.3
) -> Tensor:
    """Two views of one picture have closer style vectors than two pictures: cosine, with a margin, per scale."""
    terms = []
    for a, p, n in zip(anchor, positive, negative, strict=True):
        near, far = F.cosine_similarity(a.float(), p.float()), F.cosine_similarity(a.float(), n.float())
        terms.append((margin + far - near).clamp_min(0).mean())
    return torch.stack(terms).mean()


def instance_classification(logits: Tensor, identity: Tensor) -> Tensor:
    """Cross-entropy of which picture of the rolling set this is; identity -1 = not in the set, ignored."""
    if not (identity >= 0).any():
        return logits.sum() * 0
    return F.cross_entropy(logits.float(), identity, ignore_index=-1)


def mutual_information(logits: Tensor) -> Tensor:
    """Squared distance of the predicted identity from the uniform distribution, times the number of classes.

    Minimised over the content encoder while the classifier is frozen: content must not tell which picture it came from
    (the paper's momentum mutual-information minimisation).
    """
    classes = logits.shape[1]
    return (logits.float().softmax(1) - 1 / classes).square().sum(1).mean() * classes


def relativistic_generator(real: Tensor, fake: Tensor) -> Tensor:
    """RpGAN (Jolicoeur-Martineau 2018; R3GAN, Huang et al. 2024): each fake should look more real than its partner."""
    return F.softplus(real.float() - fake.float()).mean()


def relativistic_discriminator(real: Tensor, fake: Tensor) -> Tensor:
    """The other side of `relativistic_generator`."""
    return F.softplus(fake.float() - real.float()).mean()


def gradient_penalty(discriminator: Callable[[Tensor], Tensor], inputs: Tensor, channels: int = 3) -> Tensor:
    """Zero-centred penalty |dD/dx|² on the picture channels (Mescheder et al. 2018): R1 on reals, R2 on fakes.

    Computed in float32 whatever the surrounding precision.
    """
    with torch.autocast(inputs.device.type, enabled=False):
        inputs = inputs.detach().float().requires_grad_(True)
        score = discriminator(inputs).mean(1).sum()
        (gradient,) = torch.autograd.grad(score, inputs, create_graph=True)
    return gradient[:, :channels].square().sum((1, 2, 3)).mean()
