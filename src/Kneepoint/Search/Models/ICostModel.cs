using Kneepoint.Search.Space;

namespace Kneepoint.Search.Models;

/// <summary>A model of one cost over a search space.</summary>
public interface ICostModel
{
    /// <summary>The figure's name, as objectives name it.</summary>
    string Name { get; }

    /// <summary>The baseline's figure.</summary>
    double Baseline { get; }

    /// <summary>What a choice of a group adds to the baseline's figure where all others are kept.</summary>
    double Added(int group, int choice);

    /// <summary>The same as far as costs are sums over the groups alone, with its part of what is shared.</summary>
    double AddedWithShare(int group, int choice);

    /// <summary>The figure of a form with no layer treated.</summary>
    double OfForm(NetworkForm form);

    /// <summary>Learns from measured variants, in place of what was learned before.</summary>
    /// <param name="measured">Places with their figures, in the order in which they were measured; those that are not finite are passed over.</param>
    void Learn(IEnumerable<(Genome Genome, double Figure)> measured);

    /// <summary>The expected figure of a place.</summary>
    double Of(Genome genome);

    /// <summary>The relative error of each measured variant as the others predict it; empty where nothing was measured.</summary>
    double[] CrossValidated();
}
